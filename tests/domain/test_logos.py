"""What becomes of a picture that somebody uploads as a logo."""

from io import BytesIO

import pytest
from PIL import Image

from portal.domain.logos import LARGEST_LOGO, read_logo
from portal.domain.texts import InvalidValue
from tests.support.pictures import picture, png_of


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_any_common_picture_becomes_a_large_png_and_a_small_webp(kind: str) -> None:
    logo = read_logo(picture(kind, (2000, 1000)))
    large, small = opened(logo.png), opened(logo.webp)
    assert (large.format, large.size) == ("PNG", (512, 256))
    assert (small.format, small.size, logo.size) == ("WEBP", (176, 88), (176, 88))


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(read_logo(picture(size=(40, 30))).png).size == (40, 30)


def test_nothing_is_left_of_the_file_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    for kind in ("JPEG", "PNG", "WEBP"):
        file = picture(kind, exif=exif)
        assert b"taken at home" in file
        logo = read_logo(file)
        for content in (logo.png, logo.webp):
            assert b"taken at home" not in content
            assert not opened(content).getexif()


def test_a_photograph_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_logo(picture("JPEG", (300, 100), exif=exif)).size == (29, 88)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.4",
        picture("BMP"),
        picture("TIFF"),
        picture("ICO", (64, 64)),
        picture()[:200],
        picture("JPEG")[:300],
        png_of(300, 200),
        b"GIF89a" + b"\xff" * 40,
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=lambda content: repr(content[:8]),
)
def test_what_is_no_whole_picture_of_these_kinds_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidValue, match="Choose a PNG, JPEG, WebP or GIF file"):
        read_logo(content)


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_head() -> None:
    bomb = png_of(60_000, 60_000, b"\0" * 100_000)
    assert len(bomb) < 1_000
    with pytest.raises(InvalidValue, match="at most 5,000"):
        read_logo(bomb)


def test_files_too_large_and_pictures_too_small_are_refused() -> None:
    with pytest.raises(InvalidValue, match="larger than 5 MB"):
        read_logo(b"\0" * (LARGEST_LOGO + 1))
    with pytest.raises(InvalidValue, match="too small"):
        read_logo(picture(size=(300, 2)))
