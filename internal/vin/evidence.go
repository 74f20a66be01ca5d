package vin

const (
	mostGroups       = 6 // of a VIN that is written in words of any sizes
	knownLeast       = 13
	knownMost        = 20
	unknownLeast     = 15
	unknownMost      = 19
	unknownDigits    = 5
	labelledLeast    = 11
	wordLeast        = 4 // letters of what may be an ordinary word
	longWordLeast    = 5
	particleMost     = 2 // letters of a Russian preposition
	yearSize         = 4
	frameSerialLeast = 6
	frameSerialMost  = 7
)

// judge settles what a word is, alone or with those before it.
func (f *finder) judge(w *piece) {
	if f.takeLabel(w) {
		return
	}
	sentDigits := w.marks&markDigit != 0
	w.labelled = 0 < f.label && f.label <= labelReach
	if f.label++; f.label == 1 || sentDigits {
		f.label = 0
	}
	if w.gap == classHard || w.marks&markForeign != 0 {
		f.run = 0
	}
	if w.marks&markForeign == 0 {
		f.words[f.count%wordRing] = *w
		f.count++
		f.run++
	}
	switch {
	case !sentDigits && !isDigit(readAs(w.last)): // most words of ordinary talk
	case f.isSingle(w), f.isGroup(), f.isFrame(w):
		f.run = 0
	case sentDigits && f.isFaulty(w):
		f.add(FoundFaulty, w.start, w.end, "")
	}
}

// takeLabel tells whether a word is a label, VIN or ВИН or words that follow them,
// and reads what is written onto one without a gap as a word of its own.
func (f *finder) takeLabel(w *piece) bool {
	if f.label > 0 && w.marks&markDigit == 0 && isLabelWord(f.text[w.start:w.end]) {
		f.run = 0
		return true
	}
	switch f.text[w.start] {
	case 'V', 'v':
	case "В"[0]:
		if second := f.text[w.start+1]; second != "В"[1] && second != "в"[1] {
			return false
		}
	default:
		return false
	}
	start := w.start + attachedLabels(f.text[w.start:w.end])
	if start == w.start {
		return false
	}
	f.label, f.run = 1, 0
	if w.marks&markDigit != 0 {
		f.gap = classHard
		f.readWord(start, w.end)
	}
	return true
}

// attachedLabels counts the bytes of VIN or ВИН in front of a word.
func attachedLabels(s string) int {
	total := 0
	for {
		size := max(prefixSize(s[total:], "VIN"), prefixSize(s[total:], "ВИН"))
		if size == 0 {
			return total
		}
		total += size
	}
}

// isLabelWord tells whether a word belongs to a label before it.
func isLabelWord(s string) bool {
	for _, label := range [...]string{"CODE", "КОД", "NUMBER", "НОМЕР", "NO"} {
		if prefixSize(s, label) == len(s) {
			return true
		}
	}
	return false
}

// readVIN gives the 17 characters of a text as they are read.
func readVIN(s string) (v [Length]byte) {
	size := 0
	for i := 0; i < len(s) && size < Length; {
		class, width := classAt(s, i)
		if class > classUnseen {
			v[size] = readAs(class)
			size++
		}
		i += width
	}
	return v
}

// isSingle looks for a VIN in one word.
func (f *finder) isSingle(w *piece) bool {
	if w.size != Length {
		return false
	}
	text := f.text[w.start:w.end]
	if w.marks&markForeign != 0 {
		return f.isLayout(w, text)
	}
	read := readVIN(text)
	v := string(read[:])
	if !WellFormed(v) {
		return false
	}
	known := knowsMaker(v)
	if !known && f.isLayout(w, text) {
		return true
	}
	if w.linked && !known {
		return false
	}
	f.add(FoundVIN, w.start, w.end, "")
	return true
}

// isLayout looks for a VIN that was typed with the Russian keyboard layout on.
func (f *finder) isLayout(w *piece, text string) bool {
	if len(text) == w.size {
		return false
	}
	v, ok := undoLayout(text)
	if ok {
		f.add(FoundLayout, w.start, w.end, v)
	}
	return ok
}

// isGroup looks for a VIN in the last words, of which the current one is the last.
func (f *finder) isGroup() bool {
	size := 0
	for n := 1; n <= f.run; n++ {
		size += f.back(n).size
		if size > Length {
			return false
		}
		if size == Length && n > 1 {
			start, end := f.back(n).start, f.back(1).end
			if !f.isGroupOf(n, f.text[start:end]) {
				return false
			}
			f.dropFaulty(start)
			f.add(FoundVIN, start, end, "")
			return true
		}
	}
	return false
}

// back gives the word that stands n back; the last one is 1.
func (f *finder) back(n int) *piece { return &f.words[uint(f.count-n)%wordRing] }

// isGroupOf weighs the evidence that the last words, 17 characters in all, are a
// VIN and not ordinary words and numbers.
func (f *finder) isGroupOf(n int, text string) bool {
	read := readVIN(text)
	v := string(read[:])
	if !WellFormed(v) || f.hasOrdinaryWords(n) || readsAsWords(text) {
		return false
	}
	switch right := checkDigitHolds(v); {
	case f.back(n).labelled:
		return true
	case !knowsMaker(v), n > mostGroups && !f.isUniform(n):
		return false
	case checkDigitDuty(v) == dutyMandatory, f.hasYear(n):
		return right
	default:
		return true
	}
}

// hasOrdinaryWords tells whether some of the last words are talk: "Camry", and in
// Russian also the "в" of "в 2015".
func (f *finder) hasOrdinaryWords(n int) bool {
	for i := n; i > 0; i-- {
		w := f.back(i)
		text := f.text[w.start:w.end]
		if w.marks&markDigit != 0 || isMakerFiller(text) {
			continue
		}
		t := count(text)
		switch {
		case w.size >= wordLeast:
			if t.cyrillic > 0 || t.forbidden > 0 {
				return true
			}
		case t.cyrillic > 0 && i < n && w.size <= particleMost && !f.isUniform(n):
			return true
		}
	}
	return false
}

// isUniform tells words of equal size, but for a shorter last one.
func (f *finder) isUniform(n int) bool {
	for i := n - 1; i > 1; i-- {
		if f.back(i).size != f.back(n).size {
			return false
		}
	}
	return f.back(1).size <= f.back(n).size
}

// hasYear tells whether one of the last words may be the year of a car.
func (f *finder) hasYear(n int) bool {
	for i := n; i > 0; i-- {
		if w := f.back(i); isYear(f.text[w.start:w.end]) {
			return true
		}
	}
	return false
}

// isYear tells a year in which a car may have been made.
func isYear(s string) bool {
	return len(s) == yearSize && countDigits(s) == yearSize && (s[:2] == "19" || s[:2] == "20")
}

// isFrame looks for a frame number in the last two words, which one dash parts.
func (f *finder) isFrame(w *piece) bool {
	if f.run < 2 || w.gap != classDash || w.size < frameSerialLeast || w.size > frameSerialMost {
		return false
	}
	code := f.back(2)
	if code.gap == classDash || code.linked || countDigits(f.text[w.start:w.end]) != w.size {
		return false
	}
	if code.marks&markDigit == 0 && code.end-code.start > code.size { // Cyrillic letters alone
		return false
	}
	if w.end < len(f.text) {
		if after, _ := classAt(f.text, w.end); after == classDash {
			return false
		}
	}
	v, changes := Normalize(f.text[code.start:w.end])
	if !isFrameNumber(v, changes) {
		return false
	}
	f.add(FoundFrame, code.start, w.end, v)
	return true
}

// isFaulty tells whether a word was meant as a VIN.
func (f *finder) isFaulty(w *piece) bool {
	if w.size < labelledLeast || w.size > looksMost || w.linked || w.end < len(f.text) && isLinkMark(f.text[w.end]) {
		return false
	}
	t := count(f.text[w.start:w.end])
	if t.digits < looksLeastDigits || t.letters() == 0 || t.foreign > looksMostForeign {
		return false
	}
	read := readVIN(f.text[w.start:w.end])
	switch {
	case w.labelled:
		return true
	case knowsMaker(string(read[:])):
		return knownLeast <= w.size && w.size <= knownMost
	default:
		return unknownLeast <= w.size && w.size <= unknownMost && t.digits >= unknownDigits &&
			t.letters() >= 2 && t.foreign <= 1
	}
}

// add writes down what was found; v may be "" for Raw normalised.
func (f *finder) add(kind FoundKind, start, end int, v string) {
	raw := f.text[start:end]
	if v == "" {
		v, _ = Normalize(raw)
	}
	f.found = append(f.found, Found{Kind: kind, Raw: raw, Start: start, End: end, VIN: v})
}

// dropFaulty forgets faulty words that turned out to be parts of a VIN.
func (f *finder) dropFaulty(start int) {
	for n := len(f.found); n > 0 && f.found[n-1].Kind == FoundFaulty && f.found[n-1].Start >= start; n-- {
		f.found = f.found[:n-1]
	}
}

// considerWhole judges the text as one number, for what the words did not tell.
func (f *finder) considerWhole() {
	if f.size < looksLeast || f.size > looksMost {
		return
	}
	for i := range f.found {
		if f.found[i].Kind != FoundFaulty {
			return
		}
	}
	b := findBody(f.text)
	t := count(f.text)
	if f.size == Length && t.foreign > 0 && t.cyrillic > 0 {
		if v, ok := undoLayout(f.text[b.start:b.end]); ok {
			f.found = nil
			f.add(FoundLayout, b.start, b.end, v)
			return
		}
	}
	if t.foreign > looksMostForeign || f.size != Length && t.digits < looksLeastDigits {
		return
	}
	switch got := Check(f.text, PolicyOff); {
	case got.Verdict == VerdictOK:
		f.found = nil
		f.add(FoundVIN, b.start, b.end, got.VIN)
	case len(f.found) > 0 || !LooksLikeVIN(f.text):
	case got.Reason == ReasonFrameNumber:
		f.add(FoundFrame, b.start, b.end, got.VIN)
	default:
		f.add(FoundFaulty, b.start, b.end, got.VIN)
	}
}
