package report

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
)

// deflated packs a text followed by megabytes of zeros, a kilobyte for each.
// With any of them it lacks its end: nobody gets that far.
func deflated(text string, megabytes int) []byte {
	var packed, zeros bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = io.WriteString(w, text)
	if megabytes == 0 {
		_ = w.Close()
		return packed.Bytes()
	}
	_ = w.Flush()
	z, _ := flate.NewWriter(&zeros, flate.BestCompression)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Flush()
	return append(packed.Bytes(), bytes.Repeat(zeros.Bytes(), megabytes)...)
}

// contentBomb is a PDF whose page unpacks to as many megabytes.
func contentBomb(megabytes int) []byte {
	return pdftest.Assemble(
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
		pdftest.Stream(deflated("", megabytes), "/Filter /FlateDecode "),
	)
}

// modern is a PDF 1.5 whose objects 1 and following stand in an object
// stream, which a reader must unpack before it knows anything.
func modern(packed []byte, count, first int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	stream := b.Len()
	holder, table := count+1, count+2
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", holder, pdftest.Stream(packed,
		fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode ", count, first)))
	start := b.Len()
	entries := []byte{0, 0, 0, 0, 0, 0xff, 0xff, 0xff}
	for i := range count {
		entries = append(entries, 2, 0, byte(holder>>16), byte(holder>>8), byte(holder), byte(i>>16), byte(i>>8), byte(i))
	}
	for _, offset := range []int{stream, start} {
		entries = append(entries, 1, byte(offset>>24), byte(offset>>16), byte(offset>>8), byte(offset), 0, 0, 0)
	}
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", table, pdftest.Stream(deflated(string(entries), 0),
		fmt.Sprintf("/Type /XRef /W [1 4 3] /Size %d /Root 1 0 R /Filter /FlateDecode ", table+1)), start)
	return b.Bytes()
}

// manyObjects is a small file of n objects, nearly all of them idle; bomb is
// how many megabytes its object stream unpacks to beyond them.
func manyObjects(n, bomb int) []byte {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
	}
	var prolog, body strings.Builder
	for i := range n {
		object := "[[[[]]]]"
		if i < len(objects) {
			object = objects[i]
		}
		fmt.Fprintf(&prolog, "%d %d ", i+1, body.Len())
		body.WriteString(object + "\n")
	}
	return modern(deflated(prolog.String()+body.String(), bomb), n, prolog.Len())
}

func pageTreeCycle() []byte {
	return pdftest.Assemble(
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
		"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
	)
}

// doublingPageTree leads to 2^levels pages by naming each node twice.
func doublingPageTree(levels int) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>"}
	for i := range levels {
		objects = append(objects, fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 2 >>", i+3, i+3))
	}
	return pdftest.Assemble(append(objects, "<< /Type /Page /MediaBox [0 0 9 9] >>")...)
}

// deepPageTree hangs its only page below as many nodes.
func deepPageTree(levels int) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>"}
	for i := range levels {
		objects = append(objects, fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R] /Count 1 >>", i+3))
	}
	return pdftest.Assemble(append(objects, "<< /Type /Page /MediaBox [0 0 9 9] >>")...)
}

// tableCycle is a PDF whose cross-reference table names itself as the older one.
func tableCycle() []byte {
	pdf := string(pdftest.Valid("x"))
	start := strings.Index(pdf, "\nxref\n") + 1
	return []byte(strings.Replace(pdf, "/Root 1 0 R", fmt.Sprintf("/Root 1 0 R /Prev %d", start), 1))
}

// nested is an object of n arrays in each other.
func nested(n int) []byte {
	return pdftest.Assemble(
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
		strings.Repeat("[", n)+strings.Repeat("]", n),
	)
}

// without takes the first of the words out of a PDF, keeping every offset.
func without(pdf []byte, word string) []byte {
	return bytes.Replace(pdf, []byte(word), bytes.Repeat([]byte(" "), len(word)), 1)
}

// encryptedAES is encrypted as writers of today do it, by 256-bit AES.
func encryptedAES(t *testing.T, userPassword, ownerPassword string) []byte {
	t.Helper()
	conf := &model.Configuration{
		Cmd: model.ENCRYPT, EncryptUsingAES: true, EncryptKeyLength: 256, UserPW: userPassword, OwnerPW: ownerPassword,
		Reader15: true, Eol: "\n", Permissions: model.PermissionsPrint, Limits: model.DefaultResourceLimits(),
	}
	document, err := pdfcpu.Read(bytes.NewReader(pdftest.Valid("x")), conf)
	require.NoError(t, err)
	require.NoError(t, validate.XRefTable(document))
	var b bytes.Buffer
	document.Write.Writer = bufio.NewWriter(&b)
	require.NoError(t, pdfcpu.WriteContext(document))
	require.NoError(t, document.Write.Flush())
	return b.Bytes()
}
