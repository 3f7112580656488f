"""The window of a live session, made with OpenCV."""

from __future__ import annotations

import os
import socket
import sys
from types import TracebackType
from typing import Self

import cv2

from formcheck.errors import DisplayError
from formcheck.live.wish import Wish, wish_for
from formcheck.show.stamp import Image

INSTEAD = (
    "Use --no-window to be coached by voice and by lines in the terminal, or record a video and give it to: "
    "formcheck analyze VIDEO -e NAME"
)


def require_display() -> None:
    """Makes sure that a window can be opened; asking the window system itself would end the program if not.

    Raises:
        DisplayError: there is no display, or it does not answer.
    """
    if not sys.platform.startswith("linux"):
        return
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        raise DisplayError(f"There is no display here, so no window can be opened. {INSTEAD}")
    if not display:
        raise DisplayError(
            f"The window needs X11, which this Wayland session does not offer: install Xwayland. {INSTEAD}"
        )
    if not _answers(display):
        raise DisplayError(f"The display {display} does not answer, so no window can be opened. {INSTEAD}")


class Window:
    """A window that shows pictures and takes keys. Everything must happen in the main thread.

    Args:
        title: of the window.
        full_screen: whether to fill the screen.

    Raises:
        DisplayError: no window can be opened.
    """

    def __init__(self, title: str, *, full_screen: bool = False) -> None:
        require_display()
        self._title = title
        self._full = False
        self._sized_for: tuple[int, int] | None = None
        self._opened = self._closed = False
        os.environ.setdefault("QT_LOGGING_RULES", "*=false")
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        except cv2.error as error:
            raise DisplayError(f"No window can be opened ({error.err}). {INSTEAD}") from error
        if full_screen:
            self.turn_full_screen()

    def show(self, picture: Image, frame: tuple[int, int]) -> None:
        """Shows a picture, BGR; nothing, once somebody closed the window.

        Args:
            picture: with the words below it.
            frame: (width, height) of the camera's picture in it. The first one of a size sets the window's size.
                Words that come and go below do not: somebody may have enlarged it.
        """
        if self._closed:
            return  # a picture would open it again
        if frame != self._sized_for and not self._full:
            self._sized_for = frame
            cv2.resizeWindow(self._title, picture.shape[1], picture.shape[0])
        cv2.imshow(self._title, picture)

    def key(self) -> Wish | None:
        """Lets the window live for a moment, and gives what was asked for by a key; closing it means quit."""
        wish = wish_for(cv2.waitKey(1))
        # Each time, because it can be closed only meanwhile, and the next picture would open it again.
        stands = _visible(self._title)
        self._closed = self._closed or (self._opened and not stands)
        self._opened = self._opened or stands
        return Wish.QUIT if self._closed else wish

    def turn_full_screen(self) -> None:
        """Fills the screen, or goes back to a window."""
        if self._closed:
            return
        self._full = not self._full
        wanted = cv2.WINDOW_FULLSCREEN if self._full else cv2.WINDOW_NORMAL
        cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, wanted)

    def close(self) -> None:
        """Closes the window."""
        cv2.destroyAllWindows()
        cv2.waitKey(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _visible(title: str) -> bool:
    """Whether there is a window of this title."""
    try:
        return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:  # Qt has let go of everything with its last window
        return False


def _answers(display: str) -> bool:
    """Whether somebody listens behind an X display name: "host:number.screen", without host on this machine."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    try:
        if host in ("", "unix"):
            path = f"/tmp/.X11-unix/X{number}"
            for address in (path, f"\0{path}"):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
                    asked.settimeout(2)
                    try:
                        asked.connect(address)
                    except OSError:
                        continue
                    return True
            return False
        with socket.create_connection((host.strip("[]"), 6000 + int(number)), timeout=3):
            return True
    except OSError:
        return False
