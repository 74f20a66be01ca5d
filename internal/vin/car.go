package vin

import "strings"

// Car is what a VIN tells by itself. It holds only what tables say, so each part
// may be missing.
type Car struct {
	// WMI is the maker's code as the table has it, three characters, or six for a
	// small maker (the three and positions 12–14); "" where it is not known.
	WMI string
	// Maker is "" where it is not known. Where several brands share the code they
	// are parted by " / ", the main one first: Brands takes them apart.
	Maker   string
	Country Country
	Years   Years
}

// Decode reads the maker, the country and the model years out of a well-formed VIN,
// offline. A model year is never later than the year after now, which is the
// calendar year. For text that is not well-formed the Car is empty.
func Decode(v string, now int) Car {
	if !WellFormed(v) {
		return Car{}
	}
	car := Car{Years: modelYears(v, now)}
	r, codeSize := row3(makerRows, makerWidth, codeNumber(v)), makerCode
	if v[2] == smallMaker {
		code := [smallMakerCode]byte{v[0], v[1], v[2], v[11], v[12], v[13]}
		if small := row(smallMakerRows, smallMakerWidth, string(code[:])); small != "" {
			r, codeSize = small, smallMakerCode
		}
	}
	if r == "" {
		car.Country = regionOf(v)
		return car
	}
	car.WMI = r[:codeSize]
	car.Maker = name(makerNames, r[codeSize:])
	car.Country = countryAt(r[len(r)-1])
	return car
}

// knowsMaker tells whether a text begins with a maker's code of the table.
func knowsMaker(v string) bool { return row3(makerRows, makerWidth, codeNumber(v)) != "" }

// Brands are the brands of Maker, the main one first.
func (c Car) Brands() []string {
	if c.Maker == "" {
		return nil
	}
	return strings.Split(c.Maker, " / ")
}

// Country is a country by its two letters (ISO 3166-1), or "" where it is not
// known.
type Country string

// Name is the country's name in a language, ru or en; any other is answered in
// English. It is "" where the country is not known.
func (c Country) Name(language string) string {
	if len(c) != countryCode {
		return ""
	}
	r := row(countryRows, countryWidth, string(c))
	if r == "" {
		return ""
	}
	if language == "ru" {
		return name(countryNames, r[5:])
	}
	return name(countryNames, r[2:])
}

func countryAt(number byte) Country {
	at := int(number) * countryWidth
	return Country(countryRows[at : at+countryCode])
}

// regionOf tells the country by the first two characters (ISO 3780).
func regionOf(v string) Country {
	code := regionRank(v)
	low, high := 0, len(regionRows)/regionWidth
	for low < high {
		middle := (low + high) / 2
		r := regionRows[middle*regionWidth : (middle+1)*regionWidth]
		switch {
		case code < regionRank(r):
			high = middle
		case code > regionRank(r[2:]):
			low = middle + 1
		default:
			return countryAt(r[4])
		}
	}
	return ""
}

// regionRank sorts as ISO 3780 does: A–Z, 1–9, 0.
func regionRank(code string) int { return placeOf(code[0])<<8 | placeOf(code[1]) }

func placeOf(c byte) int {
	switch {
	case !isDigit(c):
		return int(c)
	case c == '0':
		return 'Z' + 10
	default:
		return 'Z' + int(c-'0')
	}
}
