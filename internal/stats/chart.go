package stats

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-analyze/charts"
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
	chartTitle  = 34
	chartLetter = 30
	// named is how many slots have their names on the axis.
	named = 5
)

// Chart draws what was opened and what was done in each slot, as a PNG.
func Chart(s Summary, w Words) ([]byte, error) {
	opened, done := make([]float64, len(s.Slots)), make([]float64, len(s.Slots))
	labels := make([]string, len(s.Slots))
	most, step := 0, max(1, (len(s.Slots)+named-1)/named)
	for i, slot := range s.Slots {
		opened[i], done[i] = float64(slot.Opened), float64(slot.Done)
		most = max(most, slot.Opened, slot.Done)
		if i%step == step/2 { // not at the very edge, where there is no room for a name
			labels[i] = w.Slot(slot)
		}
	}
	letters := charts.FontStyle{FontSize: chartLetter, FontColor: charts.ColorBlack}
	o := charts.NewBarChartOptionWithData([][]float64{opened, done})
	o.Theme = charts.GetTheme(charts.ThemeLight).WithSeriesColors([]charts.Color{
		{R: 0x7f, G: 0xb2, B: 0xe6, A: 0xff}, {R: 0x2e, G: 0x8b, B: 0x57, A: 0xff},
	})
	o.Title = charts.TitleOption{
		Text: w.Title, FontStyle: charts.FontStyle{FontSize: chartTitle, FontColor: charts.ColorBlack},
		Offset: charts.OffsetStr{Left: "120"}, // beside the figures of the axis
	}
	o.Legend = charts.LegendOption{
		SeriesNames: []string{w.Opened, w.Done}, FontStyle: letters,
		Offset: charts.OffsetStr{Left: charts.PositionRight, Top: "0"},
	}
	o.CategoryAxis = charts.CategoryAxisOption{
		Labels: labels, LabelFontStyle: letters, LabelCount: len(labels), LabelOffset: charts.OffsetInt{Left: overhang(len(labels))},
	}
	o.ValueAxis = []charts.ValueAxisOption{wholeAxis(most, letters)}
	o.Padding = charts.NewBoxEqual(chartLetter)
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight})
	if err := p.BarChart(o); err != nil {
		return nil, fmt.Errorf("draw a chart: %w", err)
	}
	picture, err := p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("write a chart: %w", err)
	}
	return picture, nil
}

// overhang is how far a name is moved so that its middle is its slot's: one that
// is wider than the slot is drawn from the slot's edge.
func overhang(slots int) int {
	const name, axis = 100, 930 // pixels
	return min(0, (axis/max(1, slots)-name)/2)
}

// wholeAxis is an axis of whole numbers, few enough to be read, up to the most
// that there is.
func wholeAxis(most int, letters charts.FontStyle) charts.ValueAxisOption {
	const lines = 5
	step := 1
	for unit := 1; step*lines < most; unit *= 10 {
		for _, times := range []int{1, 2, 5} {
			if step = unit * times; step*lines >= most {
				break
			}
		}
	}
	count := max(1, (most+step-1)/step)
	return charts.ValueAxisOption{
		Min: charts.Ptr(0.0), Max: charts.Ptr(float64(count * step)), LabelCount: count + 1,
		RangeValuePaddingScale: charts.Ptr(0.0), LabelFontStyle: letters,
		ValueFormatter: func(v float64) string { return strconv.Itoa(int(math.Round(v))) },
	}
}
