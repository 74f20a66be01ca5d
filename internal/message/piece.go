package message

import (
	"reflect"
	"strconv"
	"strings"
)

// piece is a part of a text that values are only put into: words, and the value
// behind them.
type piece struct {
	words string
	value int // the field of values; -1 for none
}

// piecesOf takes a text apart; false where it has more to it than places of
// values, {{.Name}}, or names one that there is not.
func piecesOf(text string) (pieces []piece, simple bool) {
	for {
		words, place, more := strings.Cut(text, "{{")
		if !more {
			return append(pieces, piece{words, -1}), true
		}
		name, rest, ends := strings.Cut(place, "}}")
		name, dotted := strings.CutPrefix(name, ".")
		field, known := reflect.TypeFor[values]().FieldByName(name)
		if !ends || !dotted || !known {
			return nil, false
		}
		pieces, text = append(pieces, piece{words, field.Index[0]}), rest
	}
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
