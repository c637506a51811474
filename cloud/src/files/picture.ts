import { PIXELS_MAX } from '@gatehouse/shared/wire/api/files.ts'
import sharp from 'sharp'

/** Five files are worked on at once in a process: each with one thread, and nothing kept between two. */
sharp.concurrency(1)
sharp.cache(false)

const PHOTO_SIDE_MAX = 800
const THUMBNAIL_SIDE_MAX = 160
const QUALITY = 85

/**
 * The picture turned upright and fitted inside a square, never enlarged, as a JPEG with nothing of what stood beside the pixels.
 * Null: it cannot be decoded whole, or has more than 25 million pixels.
 */
export async function fitted(picture: Uint8Array, sideMax: number): Promise<Buffer | null> {
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
