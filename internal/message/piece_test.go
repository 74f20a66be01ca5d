package message

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestATextInPiecesSaysWhatTheLibraryWouldMakeOfIt compares the short way with
// the library's for every text that goes it.
func TestATextInPiecesSaysWhatTheLibraryWouldMakeOfIt(t *testing.T) {
	t.Parallel()
	b, err := NewBook()
	require.NoError(t, err)
	v := values{}
	for i := range reflect.TypeFor[values]().NumField() {
		switch field := reflect.ValueOf(&v).Elem().Field(i); {
		case field.CanInt():
			field.SetInt(int64(i) + 1234567)
		default:
			field.SetString(fmt.Sprintf("<b>%d & {{.VIN}}</b>", i))
		}
	}
	filled := 0
	for key, pieces := range b.simple {
		made, err := b.Look(key.lang, key.id, v, 0)
		require.NoError(t, err)
		require.Equal(t, made, fill(pieces, &v), key)
		if len(pieces) > 1 {
			filled++
		}
	}
	require.Greater(t, filled, 100)
}

func TestATextWithMoreToItIsLeftToTheLibrary(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{{if .VIN}}x{{end}}", "{{.Nobody}}", "{{ .VIN }}", "{{.VIN"} {
		_, simple := piecesOf(text)
		require.False(t, simple, text)
	}
}
