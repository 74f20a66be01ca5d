package vin

// Pairs of characters that are taken for one another: since they look alike in
// print, on a plate or on a photo; since a Cyrillic letter looks like one and sounds
// like the other (Н, С, Р, В, У, Х); and neighbours on a keyboard.
const (
	likelyPairs = "8B5S2Z0D176GUVMNCG1LBVCSPRHNUY"
	lessPairs   = "38EFKX680C0G1J4AVY080656490953871Z7T7ZUW9G9P3Z8SFPVWMWMHKHNWLJTYCEAR0U1T3B893913"
	keyPairs    = "122334455667788990WEERRTTYYUASSDDFFGGHHJJKKLZXXCCVVBBNNM"
)

// eachMistake calls try with each character that may have been meant by another,
// how that happens, and its score.
func eachMistake(from rune, try func(to byte, kind RepairKind, score int)) {
	if !isVINCharacter(from) {
		likes := foreignLikes(from)
		for i := range len(likes) {
			score := scoreLikely
			if i > 0 {
				score = scoreLess
			}
			try(likes[i], RepairLookAlike, score)
		}
		if key := latinKey(from); key != '-' {
			try(key, RepairKey, scoreLess)
		}
		return
	}
	c := byte(from) //nolint:gosec // a VIN's character is ASCII
	eachPair(c, likelyPairs, func(to byte) { try(to, RepairLookAlike, scoreLikely) })
	eachPair(c, lessPairs, func(to byte) { try(to, RepairLookAlike, scoreLess) })
	key := scoreLess
	if isDigit(c) {
		key = scoreKey
	}
	eachPair(c, keyPairs, func(to byte) { try(to, RepairKey, key) })
}

func eachPair(from byte, pairs string, try func(to byte)) {
	for i := 0; i < len(pairs); i += 2 {
		switch from {
		case pairs[i]:
			try(pairs[i+1])
		case pairs[i+1]:
			try(pairs[i])
		}
	}
}

// foreignLikes are the characters of a VIN that one which no VIN has looks or sounds
// like, or stands on the key of, the likeliest first.
func foreignLikes(r rune) string {
	const characters = "БГДЖИЙЛПФЦЧШЩЪЫЬЭЮЯЁІЇЄ!@#$%^&()|¡ßØÖÜÄ€£"
	likes := [...]string{
		"6B", "GR", "D", "XJ", "N1U", "NY", "LJ", "PN", "F0", "UC", "4", "WS", "W", "B", "Y", "B6", "3E", "U", "RZ", "E", "1", "1", "E",
		"1", "2A", "3H", "4S", "5", "6", "78", "9C", "0", "1", "1", "8B", "0", "0", "U", "A", "E", "L",
	}
	n := 0
	for _, c := range characters {
		if c == r {
			return likes[n]
		}
		n++
	}
	return ""
}
