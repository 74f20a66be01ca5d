package stats

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Words are what the chart says.
type Words struct {
	Title        string
	Opened, Done string
	// Slot names a slot on the axis.
	Slot func(Slot) string
}

// The picture, in pixels: a phone shows it at a third of this or less, so its
// letters are large.
const (
	chartWidth  = 1080
	chartHeight = 760
	chartEdge   = 30 // kept free around everything
	chartTitle  = 38 // the height of letters
	chartLetter = 32
	chartTop    = 130 // of the bars' field
	chartBottom = 690
	// named is how many slots have their names on the axis.
	named = 5
)

// What is drawn in which colour, as 0xRRGGBB.
const (
	paper       tint = 0xffffff
	ink         tint = 0x222222
	line        tint = 0xdddddd
	colorOpened tint = 0x7fb2e6
	colorDone   tint = 0x2e8b57
)

// tint is a colour that lets nothing through.
type tint uint32

// RGBA gives its parts, of 16 bits each.
func (t tint) RGBA() (r, g, b, a uint32) {
	const double, opaque = 0x101, 0xffff // 0xff becomes 0xffff
	return uint32(t) >> 16 & 0xff * double, uint32(t) >> 8 & 0xff * double, uint32(t) & 0xff * double, opaque
}

// Chart draws what was opened and what was done in each slot, as a PNG.
func Chart(s Summary, w Words) ([]byte, error) {
	c, err := newCanvas()
	if err != nil {
		return nil, err
	}
	c.head(w)
	most := 0
	for _, slot := range s.Slots {
		most = max(most, slot.Opened, slot.Done)
	}
	top, step := wholeAxis(most)
	field := c.axis(top, step)
	c.bars(field, s.Slots, top)
	c.names(field, s.Slots, w.Slot)
	var picture bytes.Buffer
	if err := png.Encode(&picture, c.image); err != nil {
		return nil, fmt.Errorf("write a chart: %w", err)
	}
	return picture.Bytes(), nil
}

// canvas is a picture that is being drawn.
type canvas struct {
	image        *image.RGBA
	title, small font.Face
}

func newCanvas() (*canvas, error) {
	known, err := opentype.Parse(goregular.TTF) // which has Cyrillic letters
	if err != nil {
		return nil, fmt.Errorf("read the chart's font: %w", err)
	}
	c := &canvas{image: image.NewRGBA(image.Rect(0, 0, chartWidth, chartHeight))}
	for face, size := range map[*font.Face]float64{&c.title: chartTitle, &c.small: chartLetter} {
		const pointIsPixel = 72
		if *face, err = opentype.NewFace(known, &opentype.FaceOptions{Size: size, DPI: pointIsPixel}); err != nil {
			return nil, fmt.Errorf("make the chart's letters: %w", err)
		}
	}
	c.fill(c.image.Bounds(), paper)
	return c, nil
}

func (c *canvas) fill(area image.Rectangle, with tint) {
	draw.Draw(c.image, area, image.NewUniform(with), image.Point{}, draw.Src)
}

// write writes a text from a point on its base line to the right.
func (c *canvas) write(face font.Face, text string, x, y int) {
	d := font.Drawer{Dst: c.image, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func width(face font.Face, text string) int { return font.MeasureString(face, text).Ceil() }

// head writes the title, and what the colours mean: beside it, or below where
// there is no room.
func (c *canvas) head(w Words) {
	const square, gap, row = 28, 12, 48
	base := chartEdge + chartTitle
	c.write(c.title, w.Title, chartEdge, base)
	legend := width(c.small, w.Opened) + width(c.small, w.Done) + 2*square + 5*gap
	x := chartWidth - chartEdge - legend
	if x < chartEdge+width(c.title, w.Title)+gap {
		base += row
	}
	for _, named := range []struct {
		text string
		with tint
	}{{w.Opened, colorOpened}, {w.Done, colorDone}} {
		c.fill(image.Rect(x, base-square+gap/3, x+square, base+gap/3), named.with)
		c.write(c.small, named.text, x+square+gap, base)
		x += square + gap + width(c.small, named.text) + 2*gap
	}
}

// axis draws the lines of an axis of whole numbers from nothing to its top, and
// gives the field above it.
func (c *canvas) axis(top, step int) image.Rectangle {
	const gap = 16
	left := chartEdge + width(c.small, strconv.Itoa(top)) + gap
	field := image.Rect(left, chartTop, chartWidth-chartEdge, chartBottom)
	for at := 0; at <= top; at += step {
		y := field.Max.Y - at*field.Dy()/top
		c.fill(image.Rect(field.Min.X, y-1, field.Max.X, y+1), line)
		text := strconv.Itoa(at)
		c.write(c.small, text, left-gap-width(c.small, text), y+chartLetter/3)
	}
	return field
}

// bars draws two bars for each slot, side by side.
func (c *canvas) bars(field image.Rectangle, slots []Slot, top int) {
	for i, slot := range slots {
		begin, end := field.Min.X+i*field.Dx()/len(slots), field.Min.X+(i+1)*field.Dx()/len(slots)
		wide := min((end-begin)*2/5, field.Dx()/8) // a fifth is left between slots
		middle := (begin + end) / 2
		for x, bar := range map[int]struct {
			count int
			with  tint
		}{middle - wide: {slot.Opened, colorOpened}, middle: {slot.Done, colorDone}} {
			c.fill(image.Rect(x, field.Max.Y-bar.count*field.Dy()/top, x+wide, field.Max.Y), bar.with)
		}
	}
}

// names writes the names of some slots under them.
func (c *canvas) names(field image.Rectangle, slots []Slot, name func(Slot) string) {
	step := max(1, (len(slots)+named-1)/named)
	for i, slot := range slots {
		if i%step != step/2 { // not at the very edge, where there is no room for a name
			continue
		}
		text := name(slot)
		middle := field.Min.X + (2*i+1)*field.Dx()/(2*len(slots))
		c.write(c.small, text, middle-width(c.small, text)/2, field.Max.Y+chartEdge+chartLetter/2)
	}
}

// wholeAxis gives the top of an axis of whole numbers that has room for the most
// that there is, and the step between its lines, few enough to be read.
func wholeAxis(most int) (top, step int) {
	const lines = 5
	step = 1
	for unit := 1; step*lines < most; unit *= 10 {
		for _, times := range []int{1, 2, 5} {
			if step = unit * times; step*lines >= most {
				break
			}
		}
	}
	return max(1, (most+step-1)/step) * step, step
}
