package telegramtest

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatTelegramTakesForAPicture(t *testing.T) {
	t.Parallel()
	drawn := func(width, height int) []byte {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a picture":        {drawn(1080, 760), ""},
		"at the limits":    {drawn(9500, 500), ""},
		"no picture":       {[]byte("%PDF-1.7"), "IMAGE_PROCESS_FAILED"},
		"larger than that": {drawn(9500, 501), "PHOTO_INVALID_DIMENSIONS"},
		"a thread":         {drawn(2100, 100), "PHOTO_INVALID_DIMENSIONS"},
		"too heavy":        {append(drawn(10, 10), make([]byte, 10<<20)...), "too big"},
	} {
		failure := checkPhoto(c.data)
		if c.want == "" {
			assert.Nil(t, failure, name)
			continue
		}
		if assert.NotNil(t, failure, name) {
			assert.Contains(t, failure.Description, c.want, name)
		}
	}
	f := storedFile{data: drawn(1080, 760)}
	assert.Equal(t, 1080, f.photo()[0].Width)
}
