package stats_test

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
)

// pictures names a folder to look at the charts in.
const pictures = "VINBOT_TEST_PICTURES"

func TestTheChartIsAPictureForAPhone(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		slots  int
		long   time.Duration
		format string
		most   int
	}{
		"month": {30, 24 * time.Hour, "02.01", 23}, "week": {7, 24 * time.Hour, "02.01", 9}, "today": {24, time.Hour, "15:04", 4},
		"nothing": {7, 24 * time.Hour, "02.01", 1}, "one": {1, time.Hour, "15:04", 3}, "many": {30, 24 * time.Hour, "02.01", 99999}, "none": {},
	} {
		var sum stats.Summary
		for i := range c.slots {
			sum.Slots = append(sum.Slots, stats.Slot{
				From:    begin.Add(time.Duration(i) * c.long),
				Numbers: stats.Numbers{Opened: (5 + i*7) % c.most, Done: (3 + i*5) % c.most},
			})
		}
		picture, err := stats.Chart(sum, stats.Words{
			Title: "Заявки за 30 дней", Opened: "открыто", Done: "выполнено",
			Slot: func(s stats.Slot) string { return s.From.Format(c.format) },
		})
		require.NoError(t, err, name)
		drawn, err := png.Decode(bytes.NewReader(picture))
		require.NoError(t, err, name)
		assert.Equal(t, 1080, drawn.Bounds().Dx(), name)
		assert.Less(t, len(picture), 200<<10, name)
		if folder := os.Getenv(pictures); folder != "" {
			require.NoError(t, os.WriteFile(folder+"/"+name+".png", picture, 0o600))
		}
	}
}

func TestABarIsAsHighAsItsNumber(t *testing.T) {
	t.Parallel()
	picture, err := stats.Chart(stats.Summary{Slots: []stats.Slot{{Numbers: stats.Numbers{Opened: 4, Done: 2}}}}, stats.Words{
		Title: "Tickets", Opened: "opened", Done: "done", Slot: func(stats.Slot) string { return "today" },
	})
	require.NoError(t, err)
	drawn, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	const field = 120 // above it is the legend, in the same colours
	high := map[color.RGBA]int{}
	for x := range drawn.Bounds().Dx() {
		column := map[color.RGBA]int{}
		for y := field; y < drawn.Bounds().Dy(); y++ {
			r, g, b, _ := drawn.At(x, y).RGBA()
			column[color.RGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 0xff}]++
		}
		for with, count := range column {
			high[with] = max(high[with], count)
		}
	}
	opened, done := color.RGBA{R: 0x7f, G: 0xb2, B: 0xe6, A: 0xff}, color.RGBA{R: 0x2e, G: 0x8b, B: 0x57, A: 0xff}
	assert.Positive(t, high[done])
	assert.Equal(t, 2*high[done], high[opened])
}
