package pdftest_test

import (
	"bytes"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
)

// opened reads a PDF with an independent reader, by the strict standard.
func opened(t *testing.T, pdf []byte, userPassword, ownerPassword string) (*model.Context, error) {
	t.Helper()
	conf := &model.Configuration{
		Reader15:       true,
		ValidationMode: model.ValidationStrict,
		Offline:        true,
		UserPW:         userPassword,
		OwnerPW:        ownerPassword,
		Limits:         model.DefaultResourceLimits(),
	}
	document, err := pdfcpu.Read(bytes.NewReader(pdf), conf)
	if err != nil {
		return nil, err
	}
	return document, validate.XRefTable(document)
}

// content is what the page whose content is the given object draws.
func content(t *testing.T, document *model.Context, object int) string {
	t.Helper()
	entry, ok := document.Table[object]
	require.True(t, ok)
	stream, ok := entry.Object.(types.StreamDict)
	require.True(t, ok, "%T", entry.Object)
	require.NoError(t, stream.Decode())
	return string(stream.Content)
}

func TestPagesMeetTheStandard(t *testing.T) {
	t.Parallel()
	document, err := opened(t, pdftest.Pages("Report (short) \\ 1\nsecond line", "Отчёт"), "", "")
	require.NoError(t, err)
	assert.Equal(t, 2, document.PageCount)
	assert.Contains(t, content(t, document, 5), `(Report \(short\) \\ 1) Tj T*`)
	assert.Contains(t, content(t, document, 5), "(second line) Tj T*")
	assert.Contains(t, content(t, document, 7), "(?????) Tj T*")
}

func TestValidIsOnePage(t *testing.T) {
	t.Parallel()
	document, err := opened(t, pdftest.Valid("x"), "", "")
	require.NoError(t, err)
	assert.Equal(t, 1, document.PageCount)
}

func TestEncryptedOpensWithItsPasswords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		pdf             []byte
		asUser, asOwner string
		opens           bool
	}{
		{"no password", pdftest.Encrypted("secret", "user", "owner"), "", "", false},
		{"wrong password", pdftest.Encrypted("secret", "user", "owner"), "guess", "", false},
		{"user password", pdftest.Encrypted("secret", "user", "owner"), "user", "", true},
		{"owner password", pdftest.Encrypted("secret", "user", "owner"), "", "owner", true},
		{"empty user password", pdftest.Encrypted("secret", "", "owner"), "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.NotContains(t, string(tt.pdf), "secret")
			document, err := opened(t, tt.pdf, tt.asUser, tt.asOwner)
			if !tt.opens {
				require.ErrorIs(t, err, pdfcpu.ErrWrongPassword)
				return
			}
			require.NoError(t, err)
			assert.Contains(t, content(t, document, 5), "(secret) Tj")
		})
	}
}

func TestTruncatedIsNoWholeFile(t *testing.T) {
	t.Parallel()
	pdf := pdftest.Truncated()
	assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	assert.NotContains(t, string(pdf), "%%EOF")
}
