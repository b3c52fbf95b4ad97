"""The base of effects on the two channels of a stereo song, and the key of those that act on one of them."""

from __future__ import annotations

from typing import Annotated, Literal

from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

Channel = Annotated[Literal["both", "left", "right"], Field("The channels that it acts on.")]


class StereoEffect(Effect):
    """Base of an effect that a mono song cannot have."""

    def check(self, context: RenderContext) -> None:
        super().check(context)
        if context.channels == 1:
            raise ValueError(
                "needs two channels, and the song is mono: remove it, or set session.channels to 2"
            )


class ChannelEffect(Effect):
    """Base of an effect with a key `channel`."""

    channel: Channel

    def check(self, context: RenderContext) -> None:
        super().check(context)
        if self.channel != "both" and context.channels == 1:
            raise ValueError(f"channel must be both where there is one channel only (is {self.channel})")

    def columns(self) -> slice:
        """The columns of a block that it acts on."""
        return {"both": slice(None), "left": slice(0, 1), "right": slice(1, 2)}[self.channel]
