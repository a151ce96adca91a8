"""Logos as people upload them: recognised by content, bounded, and encoded anew in two sizes."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import Final

from PIL import Image, ImageOps

from portal.domain.texts import InvalidValue

LARGEST_LOGO: Final = 5 * 2**20
"""Bytes of an uploaded file."""
MOST_PIXELS: Final = 25_000_000
"""Known from the file's head, before anything is decoded: what is decoded takes 100 MB at most."""
LEAST_SIDE: Final = 16
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
LARGE: Final = (512, 512)
"""For search engines and share images: more than the 112 pixels that Google asks for."""
SMALL: Final = (320, 88)
"""For pages, which show it 44 high: twice that, for sharp screens."""
NO_PICTURE: Final = "This is no picture that can be shown. Choose a PNG, JPEG, WebP or GIF file."
TOO_MANY_PIXELS: Final = "The picture is too large. Choose one of at most 5,000 × 5,000 pixels."
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo, encoded by us: nothing of the file is left but its pixels. ``size`` is that of ``webp``."""

    png: bytes
    webp: bytes
    size: tuple[int, int]

    @property
    def hash(self) -> str:
        """What tells it from other logos."""
        return sha256(self.png).hexdigest()[:16]


def read_logo(content: bytes) -> Logo:
    """Return the logo in a file; raises ``InvalidValue``, whose text says which files are good."""
    if len(content) > LARGEST_LOGO:
        raise InvalidValue(f"The file is larger than {LARGEST_LOGO // 2**20} MB. Choose a smaller one.")
    with _one_at_a_time:  # so that the memory that pictures take is that of one
        large = _decode(content)
    small = large.copy()
    small.thumbnail(SMALL)
    return Logo(_encode(large, "PNG"), _encode(small, "WEBP"), small.size)


def _decode(content: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _check_size(image.size)
            image.thumbnail((2 * LARGE[0], 2 * LARGE[1]))  # a JPEG is decoded at that size
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except InvalidValue:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # so large that it is not opened
        raise InvalidValue(TOO_MANY_PIXELS) from None
    except Exception as error:  # decoders raise whatever they come upon
        raise InvalidValue(NO_PICTURE) from error
    upright.thumbnail(LARGE)
    pixels = Image.new("RGBA", upright.size)  # metadata and profiles stay behind
    pixels.paste(upright)
    return pixels


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise InvalidValue(TOO_MANY_PIXELS)
    if min(size) < LEAST_SIDE:
        raise InvalidValue(f"The picture is too small. Choose one of at least {LEAST_SIDE} pixels each way.")


def _encode(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    image.save(file, kind, **({"optimize": True} if kind == "PNG" else {"quality": 90, "method": 6}))
    return file.getvalue()
