import type { PasskeyAssertion, PasskeyRegistration } from '@gatehouse/shared/wire/api/auth-passkeys.ts'
import {
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'

/** How long somebody may take to find the finger, ms. */
export const CHALLENGE_MS = 5 * 60_000
/** Ed25519, ES256, RS256 (Windows Hello). */
const ALGORITHMS = [-8, -7, -257]

export type KeptPasskey = {
  readonly credentialId: string
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: readonly string[]
}

type Options = { readonly challenge: string; readonly [name: string]: unknown }

/** What the one file that knows WebAuthn does for the others. */
export type Passkeys = {
  /** `userHandle`: 16 bytes that name the person to the authenticator, and tell nobody anything. */
  optionsForNew(who: {
    readonly userHandle: Uint8Array
    readonly email: string
    readonly displayName: string
    readonly has: readonly KeptPasskey[]
  }): Promise<Options>
  /** `allowed` empty: whichever passkey of this service the person has. */
  optionsForUse(allowed: readonly KeptPasskey[]): Promise<Options>
  /** Null: not made here, for us, now, with the person verified. */
  checkNew(
    registration: PasskeyRegistration,
    isChallenge: (challenge: string) => Promise<boolean>,
  ): Promise<(KeptPasskey & { readonly backedUp: boolean }) | null>
  /** `counter_back`: there is a copy of it. */
  checkUse(
    assertion: PasskeyAssertion,
    kept: KeptPasskey,
    isChallenge: (challenge: string) => Promise<boolean>,
  ): Promise<{ readonly counter: number; readonly backedUp: boolean } | 'refused' | 'counter_back'>
}

/** Passkeys of the host in the public URL: a browser gives them to nobody else. */
export function openPasskeys(publicUrl: string): Passkeys {
  const { hostname: rpID, origin } = new URL(publicUrl)
  return {
    optionsForNew: async ({ userHandle, email, displayName, has }) => ({
      ...(await generateRegistrationOptions({
        rpName: 'Gatehouse',
        rpID,
        userID: Uint8Array.from(userHandle),
        userName: email,
        userDisplayName: displayName,
        attestationType: 'none',
        timeout: CHALLENGE_MS,
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: has.map(descriptor),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })),
    }),
    optionsForUse: async allowed => ({
      ...(await generateAuthenticationOptions({
        rpID,
        timeout: CHALLENGE_MS,
        userVerification: 'required',
        ...(allowed.length > 0 && { allowCredentials: allowed.map(descriptor) }),
      })),
    }),
    async checkNew(response, isChallenge) {
      const checked = await orNull(() =>
        verifyRegistrationResponse({
          response: response as Parameters<typeof verifyRegistrationResponse>[0]['response'],
          expectedChallenge: isChallenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      if (checked === null || !checked.verified) return null
      const { credential, credentialBackedUp: backedUp } = checked.registrationInfo
      const { id: credentialId, publicKey, counter } = credential
      return { credentialId, publicKey, counter, transports: response.response.transports ?? [], backedUp }
    },
    async checkUse(response, { credentialId, publicKey, counter, transports }, isChallenge) {
      const checked = await orNull(() =>
        verifyAuthenticationResponse({
          response: response as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
          expectedChallenge: isChallenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          // The counter is compared below, where what it means is told apart.
          credential: {
            id: credentialId,
            publicKey: Uint8Array.from(publicKey),
            counter: 0,
            transports: transportsOf(transports),
          },
        }),
      )
      if (checked === null || !checked.verified) return 'refused'
      const { newCounter, credentialBackedUp: backedUp } = checked.authenticationInfo
      // WebAuthn level 3 section 6.1.1: passkeys that are on several devices count nothing and say zero.
      if ((newCounter > 0 || counter > 0) && newCounter <= counter) return 'counter_back'
      return { counter: newCounter, backedUp }
    },
  }
}

function descriptor({ credentialId, transports }: KeptPasskey) {
  return { id: credentialId, transports: transportsOf(transports) }
}

function transportsOf(transports: readonly string[]): AuthenticatorTransport[] {
  return transports as AuthenticatorTransport[]
}

/** The package throws for whatever is wrong with what a browser sent. */
async function orNull<Checked>(check: () => Promise<Checked>): Promise<Checked | null> {
  try {
    return await check()
  } catch {
    return null
  }
}
