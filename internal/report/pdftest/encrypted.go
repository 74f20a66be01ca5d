package pdftest

import (
	"crypto/md5" //nolint:gosec // the standard's own choice
	"crypto/rc4" //nolint:gosec // the standard's own choice
	"encoding/binary"
	"fmt"
)

// fileID is the first element of the trailer's /ID, a part of every key.
const fileID = "vinbot-test-file"

// permissions is /P: all bits of the permissions set, the two reserved ones not.
const permissions = -4

// Encrypted is a PDF of one page that asks for the user password, or for
// nothing where that is empty; the owner password is what only lifts
// restrictions. It is the oldest standard encryption: 40-bit RC4, revision 2
// (ISO 32000-1, section 7.6.3).
func Encrypted(text, userPassword, ownerPassword string) []byte {
	owner := rc4With(digest(padded(ownerPassword))[:5], padded(userPassword))
	key := fileKey(userPassword, owner)
	user := rc4With(key, padded(""))

	list := objects([]string{text})
	content := rc4With(objectKey(key, pageContents), drawn(text))
	list[pageContents-1] = Stream(content, "")
	list = append(list, fmt.Sprintf(
		"<< /Filter /Standard /V 1 /R 2 /Length 40 /P %d /O <%x> /U <%x> >>", permissions, owner, user))
	return assemble(list, fmt.Sprintf("/Encrypt %d 0 R /ID [<%x> <%x>] ", len(list), fileID, fileID))
}

// fileKey is algorithm 2.
func fileKey(userPassword string, owner []byte) []byte {
	seed := append(padded(userPassword), owner...)
	seed = binary.LittleEndian.AppendUint32(seed, 1<<32+permissions)
	return digest(append(seed, fileID...))[:5]
}

// objectKey is algorithm 1 for generation 0.
func objectKey(key []byte, number int) []byte {
	seed := append([]byte{}, key...)
	seed = append(seed, byte(number), byte(number>>8), byte(number>>16), 0, 0) //nolint:gosec // three low bytes
	return digest(seed)[:len(key)+5]
}

// padded brings a password to 32 bytes.
func padded(password string) []byte {
	const filler = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08" +
		"\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"
	return []byte((password + filler)[:32])
}

func digest(b []byte) []byte {
	sum := md5.Sum(b) //nolint:gosec // the standard's own choice
	return sum[:]
}

func rc4With(key, b []byte) []byte {
	stream, err := rc4.NewCipher(key) //nolint:gosec // the standard's own choice
	if err != nil {
		panic(err) // a key of 5 to 16 bytes is never refused
	}
	out := make([]byte, len(b))
	stream.XORKeyStream(out, b)
	return out
}
