import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'

/** E.164 of what somebody typed, `+31612345678`; null: no number that could be called. Without `+` it is one of `country`. */
export function readPhone(text: string, country: string | null): string | null {
  const inCountry = country !== null && isSupportedCountry(country) ? (country as CountryCode) : undefined
  const phone = parsePhoneNumberFromString(text, inCountry)
  return phone?.isPossible() && phone.ext === undefined ? phone.number : null
}
