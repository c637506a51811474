import { PIXELS_MAX } from '@gatehouse/shared/wire/api/files.ts'
import sharp from 'sharp'

/** The one file that knows `sharp`. Five files are worked on at once in a process: each with one thread, and nothing kept between two. */
sharp.concurrency(1)
sharp.cache(false)

const PHOTO_SIDE_MAX = 800
const THUMBNAIL_SIDE_MAX = 160
const QUALITY = 85
/** A camera's picture is smaller than this; what claims more is no photo. */
const PRINTED_PIXELS_MAX = 50_000_000

/**
 * The picture turned upright and fitted inside a square, never enlarged, as a JPEG with nothing of what stood beside the pixels.
 * Null: it cannot be decoded whole, or has more than 25 million pixels.
 */
async function fitted(picture: Uint8Array, sideMax: number): Promise<Buffer | null> {
  try {
    return await sharp(picture, {
      limitInputPixels: PIXELS_MAX,
      failOn: 'error',
      sequentialRead: true,
      // Of a picture that moves the first is the one.
      animated: false,
    })
      .autoOrient()
      .resize(sideMax, sideMax, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY })
      .toBuffer()
  } catch {
    // Whatever a decoder says of the bytes, they are no picture that people could look at.
    return null
  }
}

export const photoOf = (picture: Uint8Array): Promise<Buffer | null> => fitted(picture, PHOTO_SIDE_MAX)
export const thumbnailOf = (picture: Uint8Array): Promise<Buffer | null> => fitted(picture, THUMBNAIL_SIDE_MAX)

/** Cut to a place of so many dots, upright, round what draws the eye, without what the camera wrote into it. Null: it is no picture. */
export async function cutTo(photo: Uint8Array, width: number, height: number): Promise<Buffer | null> {
  try {
    return await sharp(photo, { limitInputPixels: PRINTED_PIXELS_MAX })
      .rotate()
      .resize(width, height, { fit: 'cover', position: 'attention' })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 88 })
      .toBuffer()
  } catch {
    return null
  }
}

/** A drawing of ours as PNG, so many dots an inch, on white. */
export function pngOf(svg: string, dpi: number): Promise<Buffer> {
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).withMetadata({ density: dpi }).png().toBuffer()
}
