package outbox

import "time"

// How many messages a process that has just begun lets be under way: one, one more
// for every second that it has lived, and the square of how many times forty jobs
// have ended: two after forty, five after eighty, all after three hundred.
const (
	widenBy    = 40
	widenEvery = time.Second
)

// young bounds what a young process sends at once. One that dies over and over
// as it starts would otherwise send the same sixty messages again each time,
// to people who have them already.
type young struct {
	begun time.Time
	ended int
}

// width is how many messages may be under way, and when that grows by itself;
// never once it is as many as there can be at most.
func (y *young) width(now time.Time, most int) (width int, grows time.Time) {
	seconds := int(now.Sub(y.begun) / widenEvery)
	squared := y.ended * y.ended / (widenBy * widenBy)
	width = 1 + squared + seconds
	if width >= most {
		return most, time.Time{}
	}
	return width, y.begun.Add(time.Duration(seconds+1) * widenEvery)
}

// width is how many messages may be under way now.
func (r *Relay) width(now time.Time) (width int) {
	if r.adult {
		return r.AtOnce
	}
	width, r.grows = r.young.width(now, r.AtOnce)
	return width
}
