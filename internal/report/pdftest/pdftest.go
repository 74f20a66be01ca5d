// Package pdftest makes small PDFs, sound and broken, for tests and the demo.
package pdftest

import (
	"bytes"
	"fmt"
	"strings"
)

// Valid is a PDF of one page, whose lines are the text's.
func Valid(text string) []byte { return Pages(text) }

// Pages is a PDF with one page a text, A4 in 12 point Helvetica. Characters
// beyond ASCII, which that font lacks without an embedded one, become "?".
func Pages(texts ...string) []byte { return Assemble(objects(texts)...) }

// Truncated is a PDF of one page whose last third never arrived.
func Truncated() []byte {
	whole := Valid("never read to the end")
	return whole[:len(whole)/3*2]
}

// Assemble makes a PDF of objects that are numbered from 1, the first of which
// is the catalog, and adds header, cross-reference table and trailer. It does
// not look at them, so any nonsense can be built.
func Assemble(objects ...string) []byte { return assemble(objects, "") }

func assemble(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, trailer, table)
	return b.Bytes()
}

// Stream is a stream object; extra goes into its dictionary.
func Stream(content []byte, extra string) string {
	return fmt.Sprintf("<< /Length %d %s>>\nstream\n%s\nendstream", len(content), extra, content)
}

// pageContents is where the first page's content stands among the objects;
// each page takes two of them.
const pageContents = 5

func objects(texts []string) []string {
	kids := make([]string, len(texts))
	list := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"", // the page tree, when its kids are known
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	for i, text := range texts {
		page := pageContents - 1 + 2*i
		kids[i] = fmt.Sprintf("%d 0 R", page)
		list = append(list,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "+
				"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", page+1),
			Stream(drawn(text), ""))
	}
	list[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(texts))
	return list
}

func drawn(text string) []byte {
	var b bytes.Buffer
	b.WriteString("BT /F1 12 Tf 16 TL 56 780 Td\n")
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(&b, "(%s) Tj T*\n", escaped(line))
	}
	b.WriteString("ET")
	return b.Bytes()
}

func escaped(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line))
}
