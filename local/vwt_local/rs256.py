"""RS256, the signature of Cognito's tokens, without a library. For an emulator: its time says much about the key."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass

EXPONENT = 65537
_BITS = 2048
_ROUNDS = 16
# Of SHA-256, by RFC 8017, section 9.2.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


@dataclass(frozen=True)
class PrivateKey:
    """The two primes of an RSA key."""

    p: int
    q: int

    @property
    def modulus(self) -> int:
        """The public part of the key, beside EXPONENT."""
        return self.p * self.q

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        padded = int.from_bytes(_padded(message, self.modulus), "big")
        # The Chinese remainder theorem: four times as fast as one power.
        private = pow(EXPONENT, -1, math.lcm(self.p - 1, self.q - 1))
        of_p, of_q = (pow(padded, private % (prime - 1), prime) for prime in (self.p, self.q))
        signature = of_q + self.q * ((of_p - of_q) * pow(self.q, -1, self.p) % self.p)
        return signature.to_bytes(_length(self.modulus), "big")


def verify(modulus: int, message: bytes, signature: bytes) -> bool:
    """Whether a signature was made with the private key of a modulus."""
    if len(signature) != _length(modulus):
        return False
    found = pow(int.from_bytes(signature, "big"), EXPONENT, modulus).to_bytes(_length(modulus), "big")
    return hmac.compare_digest(found, _padded(message, modulus))


def generate() -> PrivateKey:
    """A new key. Takes about half a second."""
    p = q = _prime()
    while q == p:
        q = _prime()
    return PrivateKey(p, q)


def _length(modulus: int) -> int:
    return (modulus.bit_length() + 7) // 8


def _padded(message: bytes, modulus: int) -> bytes:
    digest = _DIGEST_INFO + hashlib.sha256(message).digest()
    return b"\x00\x01".ljust(_length(modulus) - len(digest) - 1, b"\xff") + b"\x00" + digest


def _prime() -> int:
    half = _BITS // 2
    while True:
        # Two leading ones, so that the product of two has all bits.
        candidate = secrets.randbits(half) | 3 << half - 2 | 1
        if math.gcd(candidate - 1, EXPONENT) == 1 and _is_prime(candidate):
            return candidate


def _is_prime(candidate: int) -> bool:
    """Miller and Rabin's test, of an odd number."""
    if any(candidate % prime == 0 for prime in _SMALL_PRIMES):
        return False
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_ROUNDS):
        power = pow(secrets.randbelow(candidate - 3) + 2, odd, candidate)
        if power in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            power = pow(power, 2, candidate)
            if power == candidate - 1:
                break
        else:
            return False
    return True
