"""A storage in folders, for tests: as the plug-in `fs`, but without `rsync`."""

import shutil
from pathlib import Path

from snakemake_interface_storage_plugins.io import Mtime
from snakemake_interface_storage_plugins.storage_object import (
    StorageObjectGlob,
    StorageObjectRead,
    StorageObjectWrite,
)
from snakemake_interface_storage_plugins.storage_provider import (
    StorageProviderBase,
    StorageQueryValidationResult,
)


class StorageProvider(StorageProviderBase):
    @classmethod
    def example_queries(cls):
        return []

    def rate_limiter_key(self, query, operation):
        return None

    def default_max_requests_per_second(self):
        return 0

    def use_rate_limiter(self):
        return False

    @classmethod
    def is_valid_query(cls, query):
        return StorageQueryValidationResult(query=query, valid="://" not in query)


class StorageObject(StorageObjectRead, StorageObjectWrite, StorageObjectGlob):
    async def inventory(self, cache):
        key = self.cache_key()
        cache.exists_in_storage[key] = self.exists()
        if self.exists():
            cache.mtime[key], cache.size[key] = Mtime(storage=self.mtime()), self.size()

    def get_inventory_parent(self):
        return None

    def local_suffix(self):
        return self.query.removeprefix("/")

    def cleanup(self):
        pass

    def exists(self):
        return Path(self.query).exists()

    def mtime(self):
        return Path(self.query).stat().st_mtime

    def size(self):
        return Path(self.query).stat().st_size

    def retrieve_object(self):
        shutil.copy2(self.query, self.local_path())

    def store_object(self):
        Path(self.query).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.local_path(), self.query)

    def remove(self):
        Path(self.query).unlink()

    def list_candidate_matches(self):
        return ()
