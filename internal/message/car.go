package message

import (
	"slices"
	"strconv"
	"strings"

	"vinbot/internal/vin"
)

// carLine is the line about the car that a VIN tells of, on a line of its own
// after what stands before; nothing where the VIN tells nothing.
func (b *Book) carLine(lang, v string, year int) string {
	if car := b.car(lang, v, year); car != "" {
		return "\n" + car
	}
	return ""
}

// car names the car as HTML: "Honda, USA, 2003", seen from a calendar year. What
// is not known is left out.
func (b *Book) car(lang, v string, year int) string {
	car := vin.Decode(v, year)
	known := slices.DeleteFunc([]string{
		escape(car.Maker), escape(car.Country.Name(lang)), b.modelYear(lang, car.Years.Candidates()),
	}, func(part string) bool { return part == "" })
	return strings.Join(known, ", ")
}

// modelYear names the model years that a VIN may mean, the certain one alone as
// if it were a fact.
func (b *Book) modelYear(lang string, years []vin.Year) string {
	switch {
	case len(years) == 0:
		return ""
	case len(years) == 1 && years[0].Certainty == vin.Certain:
		return strconv.Itoa(years[0].Model)
	case len(years) == 1:
		return b.word(lang, "part.year.likely", values{From: strconv.Itoa(years[0].Model)})
	case years[0].Certainty == vin.Likely:
		return b.word(lang, "part.year.likely_or", values{
			From: strconv.Itoa(years[0].Model), To: strconv.Itoa(years[1].Model),
		})
	}
	early, late := min(years[0].Model, years[1].Model), max(years[0].Model, years[1].Model)
	return b.word(lang, "part.year.either", values{From: strconv.Itoa(early), To: strconv.Itoa(late)})
}
