package panel

import (
	"bufio"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"sync"

	"vinbot/internal/ticket"
)

const (
	// mostInflated is how much of a PDF's packed objects is looked at.
	mostInflated = 64 << 20
	// longestName is more than the names have that are looked for.
	longestName = 16
	// mostKnown is of how many files it is remembered whether they are quiet.
	mostKnown = 1000
)

// quietness remembers which files are quiet: a browser asks for one in parts.
type quietness struct {
	mu    sync.Mutex
	known map[string]bool // by SHA-256
}

// quiet reports whether a browser may show a report: whether it has no script.
// A browser's viewer runs those of a PDF, in a box of its own, whatever the policy
// of the answer says, so that one with a script is only handed out to be kept.
func (v *visit) quiet(file ticket.File) (bool, error) {
	v.looked.mu.Lock()
	is, known := v.looked.known[file.SHA256]
	v.looked.mu.Unlock()
	if known {
		return is, nil
	}
	content, err := v.Uploads.Archive.Open(v.ctx(), file.BlobKey)
	if err != nil {
		return false, ticket.NewError(ticket.CodeUnavailable, "open a report in the archive", err)
	}
	defer content.Close()
	is, err = quietPDF(content, mostInflated)
	if err != nil {
		return false, ticket.NewError(ticket.CodeUnavailable, "read a report in the archive", err)
	}
	v.looked.mu.Lock()
	defer v.looked.mu.Unlock()
	if v.looked.known == nil || len(v.looked.known) >= mostKnown {
		v.looked.known = map[string]bool{}
	}
	v.looked.known[file.SHA256] = is
	return is, nil
}

// quietPDF reports whether a PDF has no script. Each needs a name that stands in
// the file, or in an object stream of it (ISO 32000-1, 7.3.5, 7.5.7, 12.6.4.16),
// so that nothing else need be understood of it. Whatever cannot be looked into,
// as where it is encrypted, or more than so many bytes are packed, is taken for not
// quiet.
func quietPDF(r io.Reader, left int64) (bool, error) {
	in := names{in: bufio.NewReaderSize(r, 64<<10)}
	var objects, first, odd bool // an object stream is to come; this object may be one; it is packed otherwise than by zlib alone
	for {
		word, err := in.next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		switch {
		case scripted(word), word == "/Encrypt":
			return false, nil
		case word == "/ObjStm":
			objects = true
		case word == "/First":
			first = true
		case oddFilter(word):
			odd = true
		case word == "endobj":
			first, odd = false, false
		case word == "stream" && (objects || first):
			if err := in.nextLine(); err != nil {
				return false, err
			}
			packed, quiet := quietObjects(in.in, &left)
			if odd || !quiet || first && !packed { // nobody leaves them unpacked
				return false, nil
			}
			objects = objects && !packed // what is not packed, as an image, is read as all else is
			first = false
		}
	}
}

// scripted reports whether a name is one that only scripts need.
func scripted(name string) bool { return name == "/JavaScript" || name == "/JS" || name == "/XFA" }

// oddFilter reports whether a name says that a stream is packed in a way that is
// not looked into. Nobody packs objects so.
func oddFilter(name string) bool {
	switch name {
	case "/LZWDecode", "/LZW", "/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85", "/RunLengthDecode", "/RL", "/Crypt", "/Predictor":
		return true
	}
	return false
}

// quietObjects reports whether what follows is packed by zlib, and if so whether
// it has no script. It is read to its end. Objects begin with a number: what does
// not is packed a second time, say.
func quietObjects(in *bufio.Reader, left *int64) (packed, quiet bool) {
	if head, err := in.Peek(2); err != nil || head[0]&0x0f != 8 || (int(head[0])<<8|int(head[1]))%31 != 0 { // RFC 1950
		return false, true
	}
	plain, err := zlib.NewReader(in)
	if err != nil {
		return true, false
	}
	bounded := &io.LimitedReader{R: plain, N: *left}
	inside := names{in: bufio.NewReader(bounded)}
	for begun := false; ; begun = true {
		word, err := inside.next()
		switch {
		case errors.Is(err, io.EOF):
			*left = bounded.N
			return true, *left > 0
		case err != nil, scripted(word), !begun && strings.Trim(word, "0123456789") != "":
			return true, false
		}
	}
}

// names reads the names of a PDF (with their slash, and what #xx stands for) and
// its words, such as stream; of long ones the beginning.
type names struct {
	in   *bufio.Reader
	word [longestName]byte
	end  byte // what ended the last one
}

// nextLine goes on behind the line in which the last word stands, as viewers do to
// find where a stream begins.
func (n *names) nextLine() error {
	c, err := n.end, error(nil)
	for c != '\n' && c != '\r' && err == nil {
		c, err = n.in.ReadByte()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	if next, _ := n.in.Peek(1); c == '\r' && string(next) == "\n" {
		_, _ = n.in.Discard(1)
	}
	return err //nolint:wrapcheck // as of next
}

// next gives the next one; nothing at all between two that stand together.
func (n *names) next() (string, error) {
	size := 0
	for {
		c, err := n.in.ReadByte()
		if errors.Is(err, io.EOF) && size > 0 {
			return string(n.word[:size]), nil
		}
		if err != nil {
			return "", err //nolint:wrapcheck // io.EOF is looked for
		}
		n.end = c
		switch {
		case c == '/' && size > 0:
			return string(n.word[:size]), n.in.UnreadByte()
		case c != '/' && !regular(c):
			if size > 0 {
				return string(n.word[:size]), nil
			}
			continue
		case c == '#':
			c = n.escaped()
		}
		if size < longestName {
			n.word[size] = c
			size++
		}
	}
}

// escaped reads the two digits of a character that is written as #xx.
func (n *names) escaped() byte {
	digits, err := n.in.Peek(2)
	if err != nil {
		return '#'
	}
	high, first := digit(digits[0])
	low, second := digit(digits[1])
	if !first || !second {
		return '#'
	}
	_, _ = n.in.Discard(2)
	return high<<4 | low
}

// digit gives what a hexadecimal digit stands for.
func digit(c byte) (value byte, ok bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

// regular reports whether a character may be in a name or a word (ISO 32000-1,
// 7.2.2).
func regular(c byte) bool {
	switch c {
	case 0, '\t', '\n', '\f', '\r', ' ', '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return false
	default:
		return true
	}
}
