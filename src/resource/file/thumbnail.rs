//! Thumbnails of images.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};
use tokio::sync::Semaphore;

use crate::runtime::memory::Memory;

/// Width and height in pixels, as documented.
const SIDE: u32 = 200;

/// Maximum side length in pixels and maximum decoded size in bytes: a small file can contain a very large image.
const LONGEST: u32 = 10_000;
const UNPACKED: u64 = 256 << 20;

/// Held while an image is decoded. Decoding one at a time bounds the memory to `UNPACKED` bytes.
static DECODING: Semaphore = Semaphore::const_new(1);

/// Bytes needed to decode an image; `None` if the content is not an image, or exceeds the limits.
fn needed(content: &[u8]) -> Option<usize> {
    let (width, height) = reader(content)?.into_dimensions().ok()?;
    let bytes = u64::from(width) * u64::from(height) * 4;
    (width.max(height) <= LONGEST && bytes <= UNPACKED).then(|| usize::try_from(bytes).ok()).flatten()
}

fn reader(content: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    ImageReader::new(Cursor::new(content)).with_guessed_format().ok()
}

/// Makes a thumbnail of the same type; `None` if the content is not a valid image, or the memory budget is used up.
pub(super) async fn of(content: Bytes, memory: &Arc<Memory>) -> Option<Bytes> {
    let permit = DECODING.acquire().await.ok()?;
    let charge = memory.reserve(needed(&content)?).ok()?;
    // Decoding is slow and must not block other calls. The permit is released when decoding ends, even if the caller
    // has disconnected by then.
    let shrunk = tokio::task::spawn_blocking(move || {
        let _held = (permit, charge);
        shrink(&content)
    });
    shrunk.await.ok().flatten()
}

fn shrink(content: &[u8]) -> Option<Bytes> {
    let mut reader = reader(content)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST), Some(LONGEST));
    limits.max_alloc = Some(UNPACKED);
    reader.limits(limits);
    let format = reader.format()?;
    let small = reader.decode().ok()?.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    // Encoders support different color types.
    let small = match format {
        ImageFormat::Jpeg => small.to_rgb8().into(),
        _ => image::DynamicImage::from(small.to_rgba8()),
    };
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, format).ok()?;
    Some(bytes.into_inner().into())
}
