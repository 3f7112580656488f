"""The errors a person can meet; every message says what to do next.

They are raised where the cause is known and caught only at the program's edges (the command line and the web
server), which print the message without a traceback.
"""

CONVERT_IT = "for example with: ffmpeg -i IN -c:v libx264 -pix_fmt yuv420p OUT.mp4"
"""How to make a video that every decoder reads: the end of a sentence."""


class FormcheckError(Exception):
    """Base of all errors that are the input's or the machine's fault, not the program's."""


class TemplateError(FormcheckError):
    """An exercise template is unknown, unreadable or wrong; the message lists every mistake found in it."""


class VideoError(FormcheckError):
    """A video or image cannot be read or written."""


class CameraError(FormcheckError):
    """A camera cannot be opened or stopped delivering pictures."""


class DisplayError(FormcheckError):
    """There is no screen on which a window could be opened."""


class ModelError(FormcheckError):
    """The pose model cannot be fetched, verified or loaded."""


class TrackError(FormcheckError):
    """A saved pose track cannot be read or written."""


class NotRecognizedError(FormcheckError):
    """It is not clear which exercise a recording shows; the message names the closest ones."""


class DemonstrationError(FormcheckError):
    """A recorded demonstration shows nothing from which an exercise could be learned."""


class OutputError(FormcheckError):
    """Results cannot be written where the person asked for them."""


class TruthError(FormcheckError):
    """A truth file or a baseline of the accuracy suite is unreadable or wrong; the message lists every mistake."""


class HistoryError(FormcheckError):
    """The history cannot be opened, read or written, or what was asked of it is not in it."""


class RoutineError(FormcheckError):
    """A routine is unknown or has mistakes (all are listed), or a step of it cannot be done."""


class CompareError(FormcheckError):
    """What should be compared is not there or cannot be compared."""


class DisclaimerError(FormcheckError):
    """The disclaimer was not accepted, so no session may begin."""


class ListError(FormcheckError):
    """The videos of a batch cannot be told: no such folder, or a list with mistakes (all are named)."""
