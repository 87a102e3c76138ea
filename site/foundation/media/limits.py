"""How much a photo may cost. Plain numbers, importable without Django."""

from typing import Final

MEGABYTE: Final = 1024 * 1024

MAX_BYTES: Final = 20 * MEGABYTE
MAX_PHOTOS: Final = 10
MAX_PIXELS: Final = 50_000_000
# The WebP decoder keeps two whole canvases beside the picture; phones do not shoot WebP.
MAX_PIXELS_WEBP: Final = 25_000_000

FULL_SIDE: Final = 2048
THUMB_SIDE: Final = 400
JPEG_QUALITY: Final = 85

# The isolated decoder. Address space counts libraries and reserved memory too; what the largest
# allowed photo really occupies stays below 512 MB.
DECODER_ADDRESS_SPACE: Final = 640 * MEGABYTE
DECODER_CPU_SECONDS: Final = 5
# With the time to start and stop the process every upload is answered within five seconds.
STAGE_SECONDS: Final = 4.0
CLEAN_SECONDS: Final = 20.0

# A baseline JPEG needs at most four scans (one each for Y, Cb, Cr, K) and its embedded thumbnail
# one more. Files with more scans decode in time that grows with their number: isolated decoder.
MAX_SCANS_IN_PROCESS: Final = 4

ORPHAN_HOURS: Final = 24
