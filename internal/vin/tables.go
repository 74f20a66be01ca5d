package vin

//go:generate go run ./internal/gen

// The tables of tables_generated.go are strings of rows of equal size, since a
// string constant needs no start and cannot be changed. A row begins with its
// code, and the rows are sorted by it.

const (
	makerWidth, smallMakerWidth = 7, 10
	makerCode, smallMakerCode   = 3, 6
	countryWidth, countryCode   = 8, 2
	regionWidth                 = 5
	yearWidth                   = 8
	dutyWidth                   = 7

	dutyUnsettled = 255 // in firstDuties: dutyRows tells
)

// row finds the row of a table that begins with the code, or "".
func row(table string, width int, code string) string {
	low, high := 0, len(table)/width
	for low < high {
		middle := (low + high) / 2
		at := middle * width
		switch found := table[at : at+len(code)]; {
		case found == code:
			return table[at : at+width]
		case found < code:
			low = middle + 1
		default:
			high = middle
		}
	}
	return ""
}

// row3 is row for codes of three characters, given as a codeNumber: the same faster.
func row3(table string, width int, code uint) string {
	low, high := 0, len(table)/width
	for low < high {
		middle := (low + high) / 2
		at := middle * width
		switch found := codeNumber(table[at : at+3]); {
		case found == code:
			return table[at : at+width]
		case found < code:
			low = middle + 1
		default:
			high = middle
		}
	}
	return ""
}

// codeNumber makes a number of a code of three characters, so that codes compare
// fast.
func codeNumber(code string) uint { return uint(code[0])<<16 | uint(code[1])<<8 | uint(code[2]) }

// name reads a name out of its pool: two bytes for where it begins, the lower one
// first, and one for how long it is.
func name(pool, place string) string {
	at := int(place[0]) | int(place[1])<<8
	return pool[at : at+int(place[2])]
}
