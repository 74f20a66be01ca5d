package panel_test

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// pictures is where scripts/panel-screenshots wants them.
var pictures = flag.String("pictures", "", "a folder for pictures of the panel's pages")

// portrays takes the pictures of a page that docs/panel.md shows: in light on a
// desktop, some in the dark and on a phone, too. What is drawn is waited for.
func (p *tab) portrays(pattern string) {
	p.Helper()
	if *pictures == "" {
		return
	}
	name := pictureName(pattern)
	l := desktop
	switch pattern {
	case "/stats":
		l.height = 1500
	case "/tickets/{id}", "/webhooks/{id}", "/stuck":
		l.height = 1100
	}
	p.pictures(name, l)
	switch pattern {
	case "/{$}", "/stats":
		l.dark = true
		p.pictures(name+"-dark", l)
	}
	switch pattern {
	case "/{$}", "/tickets/{id}", "/managers":
		p.pictures(name+"-phone", phone)
	}
	p.see(desktop)
}

// pictures takes a picture of a page as somebody sees it.
func (p *tab) pictures(name string, l look) {
	p.Helper()
	p.see(l)
	p.until(`document.querySelectorAll("[data-chart]").length === document.querySelectorAll("[data-drawn=yes] canvas").length`)
	p.smallPicture(name)
}

// pictureName is what the picture of a page is called.
func pictureName(pattern string) string {
	name := strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.NewReplacer("{$}", "queue", "{", "", "}", "").Replace(pattern), "-"), "-")
	return "panel-" + name
}

// mostColours is how many a picture with a palette may have.
const mostColours = 256

// smallPicture takes a picture with few colours, which is a fifth as large.
func (p *tab) smallPicture(name string) {
	p.Helper()
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p, err)
	full, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p, err)
	var out bytes.Buffer
	require.NoError(p, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, withFewColours(full)))
	require.NoError(p, os.WriteFile(filepath.Join(*pictures, name+".png"), out.Bytes(), 0o644))
}

// withFewColours keeps the colours that a picture has most of; the others become
// the nearest of those.
func withFewColours(full image.Image) *image.Paletted {
	bounds := full.Bounds()
	counts := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA {
		c, _ := color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)
		return c
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range most[:min(len(most), mostColours)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	small := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := at(x, y)
			index, known := nearest[c]
			if !known {
				index = uint8(palette.Index(c))
				nearest[c] = index
			}
			small.SetColorIndex(x, y, index)
		}
	}
	return small
}
