package vin

// repairLength looks for mistakes in a text of the right length.
func (r *repairer) repairLength() {
	var bad []int
	for i, c := range r.text {
		inTail := i > Length-4 || i == Length-4 && r.text[2] != smallMaker
		if !isVINCharacter(c) || inTail && (c < '0' || '9' < c) {
			bad = append(bad, i)
		}
	}
	switch len(bad) {
	case 0:
		v := string(r.text)
		if checked(v) && !checkDigitHolds(v) || !checked(v) && !knowsMaker(v) {
			r.replaceOne(v)
			r.swap(v)
		}
	case 1:
		r.replaceBad(bad[0])
	case 2:
		r.replaceTwoBad(bad[0], bad[1])
	}
	if len(bad) > 0 && isNormal(string(r.text)) {
		r.swap(string(r.text))
	}
}

// replaceOne tries what each character may have been mistaken for. Where the check
// digit means nothing only the maker's code can be wrong.
func (r *repairer) replaceOne(v string) {
	size := Length
	if !checked(v) {
		size = makerCode
	}
	for i := range size {
		r.replaceAt(v, i)
	}
}

func (r *repairer) replaceAt(v string, i int) {
	bonus := 0
	for _, c := range r.changes {
		if c.At == i && c.Shown() {
			bonus = pointsGuessed
		}
	}
	eachMistake(rune(v[i]), func(to byte, kind RepairKind, score int) {
		repaired := v[:i] + string(to) + v[i+1:]
		if proves(repaired) {
			r.offer(repaired, Candidate{Kind: kind, At: i, From: v[i : i+1], To: string(to)}, score+bonus)
		}
	})
}

// proves tells whether something speaks for a repaired VIN: its check digit where
// that means something, or a known maker, which the faulty one did not have.
func proves(v string) bool {
	if !WellFormed(v) {
		return false
	}
	if checked(v) {
		return checkDigitHolds(v)
	}
	return knowsMaker(v)
}

// swap tries to exchange neighbours.
func (r *repairer) swap(v string) {
	size := Length - 1
	if tail, _ := tailFault(v); tail == ReasonNone && !checked(v) {
		size = makerCode
	}
	for i := range size {
		if v[i] == v[i+1] {
			continue
		}
		pair := string([]byte{v[i+1], v[i]})
		score := scoreSwap
		if isDigit(v[i]) == isDigit(v[i+1]) {
			score++
		}
		if repaired := v[:i] + pair + v[i+2:]; proves(repaired) {
			r.offer(repaired, Candidate{Kind: RepairSwap, At: i, From: v[i : i+2], To: pair}, score)
		}
	}
}

// replaceBad tries what a character that cannot stand at i may have been. Where the
// check digit is mandatory it tells, whatever the character was.
func (r *repairer) replaceBad(i int) {
	from := string(r.text[i])
	eachMistake(r.text[i], func(to byte, kind RepairKind, score int) {
		r.offer(r.with(i, i+1, string(to)), Candidate{Kind: kind, At: i, From: from, To: string(to)}, score)
	})
	for at := range len(allCharacters) {
		to, score := allCharacters[at:at+1], scoreAny
		if isDigit(to[0]) {
			score = scoreDigit
		}
		v := r.with(i, i+1, to)
		if checked(v) && checkDigitHolds(v) {
			r.offer(v, Candidate{Kind: RepairUnreadable, At: i, From: from, To: to}, score)
		}
	}
}

const allCharacters = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

// replaceTwoBad tries look-alikes for two characters that cannot stand where they do.
func (r *repairer) replaceTwoBad(i, k int) {
	eachMistake(r.text[i], func(first byte, _ RepairKind, firstScore int) {
		eachMistake(r.text[k], func(second byte, _ RepairKind, secondScore int) {
			between := string(r.text[i+1 : k])
			v := r.with(i, k+1, string(first)+between+string(second))
			r.offer(v, Candidate{
				Kind: RepairLookAlike, At: i, From: string(r.text[i : k+1]), To: string(first) + between + string(second),
			}, min(firstScore, secondScore))
		})
	})
}

// dropOne tries to leave one character out: of two equal ones, or else any where
// the check digit tells.
func (r *repairer) dropOne() {
	for i := range r.text {
		if i > 0 && r.text[i] == r.text[i-1] {
			continue // leaving out either of two equal ones comes to the same
		}
		v := r.with(i, i+1, "")
		c := Candidate{Kind: RepairExtra, At: i, From: string(r.text[i])}
		switch {
		case i+1 < len(r.text) && r.text[i] == r.text[i+1]:
			c.Kind = RepairDoubled
			r.offer(v, c, scoreDoubled)
		case !WellFormed(v) || !checked(v) || !checkDigitHolds(v):
		case i == 0 || i == len(r.text)-1:
			r.offer(v, c, scoreCut)
		default:
			r.offer(v, c, scoreExtra)
		}
	}
}

// dropEnds tries whether a sound VIN of a known maker is followed or preceded by
// something.
func (r *repairer) dropEnds() {
	more := len(r.text) - Length
	if v := string(r.text[:Length]); WellFormed(v) && knowsMaker(v) && checkDigitHolds(v) {
		r.offer(v, Candidate{Kind: RepairExtra, At: Length, From: string(r.text[Length:])}, scoreCut)
	}
	if v := string(r.text[more:]); WellFormed(v) && knowsMaker(v) && checkDigitHolds(v) {
		r.offer(v, Candidate{Kind: RepairExtra, From: string(r.text[:more])}, scoreCut)
	}
}

// insertOne tries to add the character that is missing, in the places where
// characters are lost most: at the ends, and beside an equal one.
func (r *repairer) insertOne(v string) {
	if v[3:5] == "ZZ" && v[5] != 'Z' && !checked(v) && knowsMaker(v) {
		r.offer(v[:5]+"Z"+v[5:], Candidate{Kind: RepairMissing, At: 5, To: "Z"}, scoreFiller)
	}
	try := func(i int, c byte, score int) {
		repaired := v[:i] + string(c) + v[i:]
		if WellFormed(repaired) && knowsMaker(repaired) && checked(repaired) && checkDigitHolds(repaired) {
			r.offer(repaired, Candidate{Kind: RepairMissing, At: i, To: string(c)}, score)
		}
	}
	for i := range len(allCharacters) {
		c := allCharacters[i]
		try(0, c, scoreCut)
		try(len(v), c, scoreCut)
		try(checkPosition, c, scoreDigit)
	}
	for i := range len(v) {
		try(i, v[i], scoreRepeated)
	}
}
