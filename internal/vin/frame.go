package vin

const (
	frameLeast, frameMost = 9, 14 // characters in a frame number, the dash left out
	codeLeast, codeMost   = 2, 7  // of them in the model code before the dash
)

// isFrameNumber tells whether a normalised text is the frame number of a car made
// for Japan's own market, which has no VIN: a model code, a dash, and a serial
// number of six or seven digits (GX110-0069622). Where the dash was left out, only
// the plainest form is taken for one: two to four letters and then eight to ten
// digits (SCP110067053).
func isFrameNumber(v string, changes []Change) bool {
	if len(v) < frameLeast || len(v) > frameMost || !isNormal(v) || isDigit(v[0]) {
		return false
	}
	gaps, code := 0, 0
	for _, c := range changes {
		if c.Kind == KindSeparator && 0 < c.At && c.At < len(v) {
			gaps++
			code = c.At
		}
	}
	switch gaps {
	case 0:
		return isDashlessFrame(v)
	case 1:
		serial := v[code:]
		return codeLeast <= code && code <= codeMost && isSerial(serial)
	default:
		return false
	}
}

// isSerial tells whether s is a frame's serial number.
func isSerial(s string) bool {
	return (len(s) == 6 || len(s) == 7) && countDigits(s) == len(s)
}

// isDashlessFrame leaves out XT…: a Lada's or UAZ's VIN that breaks off looks the
// same.
func isDashlessFrame(v string) bool {
	digits := countDigits(v)
	letters := len(v) - digits
	return 2 <= letters && letters <= 4 && 8 <= digits && digits <= 10 &&
		countDigits(v[letters:]) == digits && v[:2] != "XT"
}
