package panel

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
)

// squeezed is a text as zlib packs it.
func squeezed(text string) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

// packs is a PDF with a stream of objects.
func packs(dictionary, content string) string {
	return string(pdftest.Assemble(
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
		pdftest.Stream([]byte(content), dictionary)))
}

// enough is as much as the tests' files hold packed, but for the bomb.
const enough = 1 << 20

const launch = `5 0 << /S /JavaScript /JS (app.alert\(1\)) >>`

func TestAPDFWithAScriptIsToldFromOneWithout(t *testing.T) {
	t.Parallel()
	noise := strings.Repeat("endobj obj stream >> << /First 1 ", 20)
	for name, of := range map[string]struct {
		quiet bool
		text  string
	}{
		"a report":                              {true, string(pdftest.Valid("VIN: 1HGCM82633A004352"))},
		"nothing":                               {true, ""},
		"packed objects":                        {true, packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed("5 0 << /S /URI /URI (https://example.com) >>"))},
		"packed objects, after \\r\\n":          {true, strings.ReplaceAll(packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed("5 0 << >>")), "stream\n", "stream\r\n")},
		"an outline, then an image":             {true, string(pdftest.Assemble("<< /Type /Outlines /First 2 0 R >>", pdftest.Stream([]byte("\xff\xd8\xff"), "/Predictor 15 /Filter /LZWDecode ")))},
		"words of other things":                 {true, packs("", "/JavaScripts /JSON JavaScript /XFAx")},
		"a script":                              {false, packs("/OpenAction << /S /JavaScript /JS (x) >> ", "")},
		"a name in disguise":                    {false, packs("/OpenAction << /S /J#61va#53cript >> ", "")},
		"a form of the other kind":              {false, packs("/AcroForm << /XFA 5 0 R >> ", "")},
		"what is encrypted":                     {false, packs("/Encrypt 9 0 R ", "")},
		"a script in packed objects":            {false, packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(launch))},
		"the same, after \\r\\n":                {false, strings.ReplaceAll(packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(launch)), "stream\n", "stream\r\n")},
		"the same, behind two spaces":           {false, strings.ReplaceAll(packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(launch)), "stream\n", "stream  \n")},
		"the same, packed twice":                {false, packs("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] ", squeezed(squeezed(launch)))},
		"the same, in a way told elsewhere":     {false, packs("/Type /ObjStm /N 1 /First 4 /Filter 9 0 R ", fmt.Sprintf("%x>", squeezed(launch)))},
		"the same, whose kind is not said":      {false, packs("/N 1 /First 4 /Filter /FlateDecode ", squeezed(launch))},
		"the same, with what looks like an end": {false, packs("/Type /ObjStm /X (endobj) /N 1 /First 4 /Filter /FlateDecode /Y (endobj) ", squeezed(launch))},
		"the same, behind an image":             {false, packs("/Type /ObjStm ", "\xff\xd8\xff") + packs("/Filter /FlateDecode ", squeezed(launch))},
		"in objects that are not packed":        {false, packs("/Type /ObjStm /N 1 /First 4 ", launch)},
		"packed in a way nobody does":           {false, packs("/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode] ", "789c")},
		"packed objects that are cut off":       {false, packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(noise)[:20])},
		"a bomb":                                {false, packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(strings.Repeat("0", enough+1)))},
	} {
		quiet, err := quietPDF(strings.NewReader(of.text), enough)
		require.NoError(t, err, name)
		assert.Equal(t, of.quiet, quiet, name)
		quiet, err = quietPDF(iotest.OneByteReader(strings.NewReader(of.text)), enough)
		require.NoError(t, err, name)
		assert.Equal(t, of.quiet, quiet, "%s, as it comes", name)
	}
	_, err := quietPDF(iotest.ErrReader(errors.New("the archive is away")), enough)
	require.EqualError(t, err, "the archive is away")
}

func FuzzWhetherAPDFIsQuiet(f *testing.F) {
	f.Add([]byte(packs("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", squeezed(launch))))
	f.Add(pdftest.Valid("x"))
	f.Add([]byte("/J#5"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := quietPDF(bytes.NewReader(data), enough); err != nil {
			t.Fatal(err)
		}
		loud := fmt.Appendf(bytes.Clone(data), " /JavaScript ")
		if quiet, _ := quietPDF(bytes.NewReader(loud), enough); quiet && !bytes.Contains(data, []byte("stream")) {
			t.Fatalf("a script is overlooked after %q", data)
		}
	})
}
