package vin

import (
	"unicode"
	"unicode/utf8"
)

// The classes of characters in free text. A character that a VIN may have is of its
// own class, and one that is no digit but read as one (O, I, Q, О, З) of that
// digit's less classGuess. So the classes of a word, or-ed together, tell of what it
// is made: the marks.
const (
	classHard   = iota // ends whatever stood before it
	classSpace         // may part the groups of a VIN
	classDash          // the same
	classPoint         // the same, but for the end of a sentence
	classUnseen        // zero-width characters and direction marks: not there

	classGuess   = 0x20 // what the class of a digit has and that of a guessed one lacks
	classForeign = 0x80 // a letter or digit that no VIN has

	markDigit   = classGuess // some digit was sent
	markForeign = classForeign
)

// asciiClasses gives the class of each ASCII character, and cyrillicClasses of each
// from U+0400 to U+047F: the two tables hold nearly all that people write, and the
// others are looked up slowly.
const (
	asciiClasses = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x01\x00\x00\x00" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x02\x03\x00" +
		"0123456789\x00\x00\x00\x00\x00\x00" +
		"\x00ABCDEFGH\x11JKLMN\x10" +
		"P\x10RSTUVWXYZ\x00\x00\x00\x00\x00" +
		"\x00ABCDEFGH\x11JKLMN\x10" +
		"P\x10RSTUVWXYZ\x00\x00\x00\x00\x00"

	cyrillicClasses = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" +
		"A\x80B\x80\x80E\x80\x13\x80\x80K\x80MH\x10\x80" +
		"PCTY\x80X\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" +
		"A\x80B\x80\x80E\x80\x13\x80\x80K\x80MH\x10\x80" +
		"PCTY\x80X\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" +
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" +
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" +
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"

	cyrillicFirst = 0xD0 // or the next: the first byte of each in cyrillicClasses
)

// classAt gives the class of the character at byte i, and how many bytes it takes.
func classAt(s string, i int) (class byte, width int) {
	if class, width = asciiOrCyrillic(s, i); width > 0 {
		return class, width
	}
	r, width := utf8.DecodeRuneInString(s[i:])
	return classOf(r), width
}

// asciiOrCyrillic is classAt for the characters of the two tables; for others the
// width is 0.
func asciiOrCyrillic(s string, i int) (class byte, width int) {
	c := s[i]
	if c < utf8.RuneSelf {
		return asciiClasses[c], 1
	}
	if c&^1 == cyrillicFirst && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
		return cyrillicClasses[c&1<<6|s[i+1]&0x3F], 2
	}
	return 0, 0
}

// classOf is the class of any character.
func classOf(r rune) byte {
	switch {
	case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
		return classHard
	case r == '\uFE0F' || unicode.Is(unicode.Cf, r):
		return classUnseen
	case isSeparator(r):
		return classOfSeparator(foldWidth(r))
	}
	if to, _ := fold(r); isVINCharacter(to) {
		class := byte(to) //nolint:gosec // a VIN's character is ASCII
		if isDigit(class) && foldWidth(r) != to {
			class -= classGuess
		}
		return class
	}
	if unicode.In(r, unicode.L, unicode.N, unicode.M) {
		return classForeign
	}
	return classHard
}

// readAs is the VIN's character that a class stands for; for separators and foreign
// characters it is none.
func readAs(class byte) byte {
	if '0'-classGuess <= class && class < markDigit {
		return class + classGuess
	}
	return class
}

func classOfSeparator(r rune) byte {
	switch {
	case unicode.IsSpace(r):
		return classSpace
	case r == '−' || unicode.Is(unicode.Pd, r):
		return classDash
	default:
		return classPoint
	}
}
