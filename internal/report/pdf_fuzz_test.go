package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

// FuzzInspect runs the child's part in this process. Whatever the bytes, it
// must come back with one of the known findings; a crash that recover cannot
// hold ends the fuzzing.
func FuzzInspect(f *testing.F) {
	for _, pdf := range [][]byte{
		nil,
		[]byte("%PDF-1.4\n%%EOF\n"),
		pdftest.Valid("1HGCM82633A004352"),
		pdftest.Pages("one", "two"),
		pdftest.Truncated(),
		pdftest.Encrypted("x", "user", "owner"),
		pdftest.Encrypted("x", "", "owner"),
		pageTreeCycle(),
		tableCycle(),
		doublingPageTree(8),
		deepPageTree(8),
		nested(50),
		manyObjects(10, 0),
		contentBomb(1),
	} {
		f.Add(pdf)
	}
	f.Fuzz(func(t *testing.T, pdf []byte) {
		found := inspected(pdf)
		switch found.Reason {
		case "":
			assert.Positive(t, found.Pages)
		case ticket.ReasonNotPDF, ticket.ReasonDamaged, ticket.ReasonEncrypted, ticket.ReasonUnchecked:
			assert.Zero(t, found.Pages)
		default:
			t.Errorf("unknown reason %q", found.Reason)
		}
	})
}
