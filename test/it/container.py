"""The container of docs/backup-format.md, written from that page alone and from
the RFCs that it names: a reader and a writer that share nothing with ours.

Slow, and for tests only: it takes no care to keep its keys to itself.
"""

import hashlib
import hmac
import struct

MAGIC = bytes.fromhex("8944554d420d0a1a")
CHUNK = 65536
MASK32, MASK64 = 2**32 - 1, 2**64 - 1


class Broken(Exception):
    pass


# --- ChaCha20-Poly1305, RFC 8439 ---------------------------------------------

def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & MASK32
        v = s[z] ^ s[x]
        s[z] = ((v << turn) | (v >> (32 - turn))) & MASK32


def chacha_block(key, counter, nonce):
    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key),
             counter, *struct.unpack("<3I", nonce)]
    s = start[:]
    for _ in range(10):
        for i in range(4):
            quarter(s, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) & MASK32 for a, b in zip(s, start)))


def chacha(key, nonce, data):
    out = bytearray()
    for i in range(0, len(data), 64):
        block = chacha_block(key, 1 + i // 64, nonce)
        out += bytes(a ^ b for a, b in zip(data[i:i + 64], block))
    return bytes(out)


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def tag_of(key, nonce, sealed, aad):
    def padded(data):
        return data + bytes(-len(data) % 16)
    message = padded(aad) + padded(sealed) + struct.pack("<QQ", len(aad), len(sealed))
    return poly1305(chacha_block(key, 0, nonce)[:32], message)


def seal(key, nonce, data, aad):
    sealed = chacha(key, nonce, data)
    return sealed + tag_of(key, nonce, sealed, aad)


def unseal(key, nonce, data, aad):
    sealed, tag = data[:-16], data[-16:]
    if tag != tag_of(key, nonce, sealed, aad):
        raise Broken("a tag is wrong")
    return chacha(key, nonce, sealed)


# --- Argon2id, RFC 9106 -------------------------------------------------------

def blake_long(data, length):
    data = struct.pack("<I", length) + data
    if length <= 64:
        return hashlib.blake2b(data, digest_size=length).digest()
    v = hashlib.blake2b(data).digest()
    out = v[:32]
    while length - len(out) > 64:
        v = hashlib.blake2b(v).digest()
        out += v[:32]
    return out + hashlib.blake2b(v, digest_size=length - len(out)).digest()


def mix(v, a, b, c, d):
    def fold(x, y):
        return (x + y + 2 * (x & MASK32) * (y & MASK32)) & MASK64

    def turn(x, n):
        return (x >> n) | (x << (64 - n)) & MASK64
    for x, y, z, n in ((a, b, d, 32), (c, d, b, 24), (a, b, d, 16), (c, d, b, 63)):
        v[x] = fold(v[x], v[y])
        v[z] = turn(v[z] ^ v[x], n)


def permute(v, at):
    for i in range(4):
        mix(v, at[i], at[4 + i], at[8 + i], at[12 + i])
    for i in range(4):
        mix(v, at[i], at[4 + (i + 1) % 4], at[8 + (i + 2) % 4], at[12 + (i + 3) % 4])


def compress(x, y):
    r = [a ^ b for a, b in zip(x, y)]
    q = r[:]
    for row in range(8):
        permute(q, range(16 * row, 16 * row + 16))
    for column in range(8):
        permute(q, [16 * i + 2 * column + j for i in range(8) for j in (0, 1)])
    return [a ^ b for a, b in zip(q, r)]


def argon2id(password, salt, rounds, memory, lanes, length=32, secret=b"", extra=b""):
    h0 = hashlib.blake2b(struct.pack("<6I", lanes, length, memory, rounds, 0x13, 2))
    for part in (password, salt, secret, extra):
        h0.update(struct.pack("<I", len(part)) + part)
    h0 = h0.digest()
    segment = memory // (4 * lanes)
    columns = 4 * segment
    blocks = [[None] * columns for _ in range(lanes)]
    for lane in range(lanes):
        for i in (0, 1):
            raw = blake_long(h0 + struct.pack("<II", i, lane), 1024)
            blocks[lane][i] = list(struct.unpack("<128Q", raw))
    zero = [0] * 128
    for turn in range(rounds):
        for part in range(4):
            for lane in range(lanes):
                counter, addresses = 0, None
                for i in range(segment):
                    if turn == 0 and part == 0 and i < 2:
                        continue
                    column = part * segment + i
                    last = blocks[lane][column - 1]
                    if turn == 0 and part < 2:
                        if addresses is None or i // 128 + 1 != counter:
                            counter = i // 128 + 1
                            head = [turn, lane, part, lanes * columns, rounds, 2, counter]
                            addresses = compress(zero, compress(zero, head + [0] * 121))
                        word = addresses[i % 128]
                    else:
                        word = last[0]
                    j1, j2 = word & MASK32, word >> 32
                    other = lane if turn == 0 and part == 0 else j2 % lanes
                    area = part * segment if turn == 0 else 3 * segment
                    if other == lane:
                        area += i - 1
                    elif i == 0:
                        area -= 1
                    place = area - 1 - (area * (j1 * j1 >> 32) >> 32)
                    start = 0 if turn == 0 else (part + 1) % 4 * segment
                    new = compress(last, blocks[other][(start + place) % columns])
                    old = blocks[lane][column]
                    blocks[lane][column] = new if old is None else \
                        [a ^ b for a, b in zip(new, old)]
    final = [0] * 128
    for lane in range(lanes):
        final = [a ^ b for a, b in zip(final, blocks[lane][-1])]
    return blake_long(struct.pack("<128Q", *final), length)


# --- the container ------------------------------------------------------------

def hkdf(secret, salt, info):
    prk = hmac.digest(salt, secret, "sha256")
    return hmac.digest(prk, info + b"\1", "sha256")


def secret_of(header, key, passphrase):
    if header[60] == 0:
        return key
    rounds, memory, lanes = struct.unpack(">3I", header[64:76])
    return argon2id(passphrase, header[76:92], rounds, memory, lanes)


def nonce_of(header, n, last):
    return header[44:51] + struct.pack(">I", n) + bytes([last])


def read(data, key=None, passphrase=None):
    """The plain bytes of a container."""
    header = data[:164]
    if header[:8] != MAGIC or header[8:12] != bytes([1, 1, 16, 0]):
        raise Broken("no container")
    if hashlib.sha256(header[:148]).digest()[:16] != header[148:]:
        raise Broken("the header's sum is wrong")
    secret = secret_of(header, key, passphrase)
    if hkdf(secret, header[76:92], b"dum container v1 check")[:8] != header[92:100]:
        raise Broken("another key")
    wrap = hkdf(secret, header[76:92], b"dum container v1 wrap")
    file_key = unseal(wrap, bytes(12), header[100:148], header[:100])
    length = int.from_bytes(header[52:60], "big")
    count = max(1, -(-length // CHUNK))
    if len(data) != 164 + length + 16 * count:
        raise Broken("the length is wrong")
    out = b""
    for n in range(count):
        at = 164 + n * (CHUNK + 16)
        out += unseal(file_key, nonce_of(header, n, n == count - 1),
                      data[at:at + CHUNK + 16], header[:52])
    return out


def write(plain, file_key, ids, prefix, salt, key=None, passphrase=None,
          argon2=(0, 0, 0)):
    """A container of chosen randomness, for test vectors."""
    fixed = MAGIC + bytes([1, 1, 16, 0]) + ids + prefix + b"\0"
    header = fixed + struct.pack(">QI3I", len(plain), (passphrase is not None) << 24,
                                 *argon2) + salt
    secret = secret_of(header, key, passphrase)
    header += hkdf(secret, salt, b"dum container v1 check")[:8]
    wrap = hkdf(secret, salt, b"dum container v1 wrap")
    header += seal(wrap, bytes(12), file_key, header)
    header += hashlib.sha256(header).digest()[:16]
    count = max(1, -(-len(plain) // CHUNK))
    return header + b"".join(
        seal(file_key, nonce_of(header, n, n == count - 1),
             plain[n * CHUNK:(n + 1) * CHUNK], fixed) for n in range(count))
