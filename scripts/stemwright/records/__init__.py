"""What is recorded beside each artifact: what its job produced, its sentinel, its refusals, what is unclaimed."""
