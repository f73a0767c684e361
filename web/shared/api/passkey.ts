/**
 * Passkeys in the browser: takes the API's options, asks the authenticator, gives its answer back as JSON.
 *
 * `PublicKeyCredential.parseCreationOptionsFromJSON` and `toJSON` do the same, but are missing in browsers of two years ago.
 */
interface OptionsJson {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: { id: string; type: string; transports?: string[] }[];
  allowCredentials?: { id: string; type: string; transports?: string[] }[];
}

export type CredentialJson = Record<string, unknown>;

/** Whether this browser has passkeys at all: an old one has none, nor has a page without TLS on another host. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined";
}

/** Makes a passkey; rejects if the person cancels, or the address is not one that passkeys are for. */
export async function createPasskey(options: Record<string, unknown>): Promise<CredentialJson> {
  const json = options as unknown as OptionsJson;
  const publicKey = {
    ...options,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user?.id ?? "") },
    excludeCredentials: (json.excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) })),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Signs with a passkey; rejects if the person cancels, or has none for this address. */
export async function askPasskey(options: Record<string, unknown>): Promise<CredentialJson> {
  const json = options as unknown as OptionsJson;
  const publicKey = {
    ...options,
    challenge: bytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) })),
  } as unknown as PublicKeyCredentialRequestOptions;
  const given = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    id: given.id,
    rawId: text(given.rawId),
    type: given.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

/** Base64url without padding to bytes. */
export function bytes(value: string): ArrayBuffer {
  const binary = atob(value.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer;
}

/** Bytes to base64url without padding. */
export function text(value: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(value), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
