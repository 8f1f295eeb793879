// A passkey in software: what a browser and an authenticator make of a challenge together (Web Authentication Level 3).

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** The user is there and was verified (section 6.1). */
const THERE = 0b101;
/** A new credential follows. */
const WITH_CREDENTIAL = 1 << 6;

const hash = (data) => createHash("sha256").update(data).digest();
const encoded = (bytes) => Buffer.from(bytes).toString("base64url");

/** One passkey, in a browser at one origin. It counts nothing, as passkeys do that are kept in several places. */
export class Passkey {
  constructor(origin) {
    this.origin = origin;
    this.id = randomBytes(32);
    this.user = undefined;
    Object.assign(this, generateKeyPairSync("ec", { namedCurve: "P-256" }));
  }

  /** Makes the passkey in answer to creation options. */
  make(wanted, label) {
    this.user = wanted.user.id;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const data = [this.#head(wanted.rp.id, THERE | WITH_CREDENTIAL), Buffer.alloc(16), length, this.id, this.#coseKey()];
    return {
      id: encoded(this.id),
      clientDataJSON: this.#clientData("webauthn.create", wanted.challenge),
      authenticatorData: encoded(Buffer.concat(data)),
      label,
    };
  }

  /** The same passkey for an authenticator that Chromium plays (CDP's `WebAuthn.Credential`). */
  credential(host) {
    return {
      credentialId: this.id.toString("base64"),
      isResidentCredential: true,
      rpId: host,
      privateKey: this.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
      userHandle: Buffer.from(this.user, "base64url").toString("base64"),
      signCount: 0,
    };
  }

  /** Shows the passkey in answer to request options. */
  show(wanted) {
    const clientDataJSON = this.#clientData("webauthn.get", wanted.challenge);
    const data = this.#head(wanted.rpId, THERE);
    const signature = sign("sha256", Buffer.concat([data, hash(Buffer.from(clientDataJSON, "base64url"))]), this.privateKey);
    return { id: encoded(this.id), clientDataJSON, authenticatorData: encoded(data), signature: encoded(signature) };
  }

  #head(host, flags) {
    return Buffer.concat([hash(host), Buffer.from([flags]), Buffer.alloc(4)]);
  }

  #clientData(type, challenge) {
    return encoded(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  /** The public key as CTAP2 writes it: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
  #coseKey() {
    const { x, y } = this.publicKey.export({ format: "jwk" });
    const point = (coordinate) => Buffer.from(coordinate, "base64url");
    return Buffer.concat([Buffer.from("a5010203262001215820", "hex"), point(x), Buffer.from("225820", "hex"), point(y)]);
  }
}

/** Chromium's debugging session of each page that has an authenticator. */
const sessions = new WeakMap();

/** An authenticator that Chromium plays for a page: a finger is always on it, and it has the passkeys it is given. */
export async function authenticator(page, ...credentials) {
  if (!sessions.has(page)) {
    sessions.set(page, await page.context().newCDPSession(page));
    await sessions.get(page).send("WebAuthn.enable");
  }
  const session = sessions.get(page);
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  for (const credential of credentials) await session.send("WebAuthn.addCredential", { authenticatorId, credential });
  return {
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    /** Whether the person is recognised: no finger, and what is asked is refused. */
    recognise: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    forget: (credentialId) => session.send("WebAuthn.removeCredential", { authenticatorId, credentialId }),
    remove: () => session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}
