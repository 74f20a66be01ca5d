package message

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// piece is a part of a text that values are only put into: words, and the value
// behind them.
type piece struct {
	words string
	value int // the field of values; -1 for none
}

var placeOfValue = regexp.MustCompile(`{{\.(\w+)}}`)

// piecesOf takes a text apart; false where it has more to it than places of
// values, or names one that there is not.
func piecesOf(text string) (pieces []piece, simple bool) {
	rest := 0
	for _, at := range placeOfValue.FindAllStringSubmatchIndex(text, -1) {
		field, ok := reflect.TypeFor[values]().FieldByName(text[at[2]:at[3]])
		if !ok {
			return nil, false
		}
		pieces = append(pieces, piece{text[rest:at[0]], field.Index[0]})
		rest = at[1]
	}
	pieces = append(pieces, piece{text[rest:], -1})
	for _, p := range pieces {
		if strings.Contains(p.words, "{{") {
			return nil, false
		}
	}
	return pieces, true
}

// fill puts a text together.
func fill(pieces []piece, v *values) string {
	if len(pieces) == 1 {
		return pieces[0].words
	}
	var b strings.Builder
	of := reflect.ValueOf(v).Elem()
	for _, p := range pieces {
		b.WriteString(p.words)
		if p.value < 0 {
			continue
		}
		if field := of.Field(p.value); field.CanInt() {
			b.WriteString(strconv.FormatInt(field.Int(), 10))
		} else {
			b.WriteString(field.String())
		}
	}
	return b.String()
}
