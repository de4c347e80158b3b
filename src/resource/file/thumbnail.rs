//! Small versions of pictures.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};

/// Width and height, as the documentation has them.
const SIDE: u32 = 200;

/// Most pixels that a side of a picture may have, and most bytes that it may take when it is unpacked: a small file can hold
/// a very large picture.
const LONGEST: u32 = 10_000;
const UNPACKED: u64 = 256 << 20;

/// A thumbnail of the same type; none of what is no picture, or a broken one.
pub(super) async fn of(content: Bytes) -> Option<Bytes> {
    // It may take a while, and no other call shall wait for it.
    tokio::task::spawn_blocking(move || shrink(&content)).await.ok().flatten()
}

fn shrink(content: &[u8]) -> Option<Bytes> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST), Some(LONGEST));
    limits.max_alloc = Some(UNPACKED);
    reader.limits(limits);
    let format = reader.format()?;
    let small = reader.decode().ok()?.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    // Each format has colours of its own.
    let small = match format {
        ImageFormat::Jpeg => small.to_rgb8().into(),
        _ => image::DynamicImage::from(small.to_rgba8()),
    };
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, format).ok()?;
    Some(bytes.into_inner().into())
}
