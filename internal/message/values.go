package message

// values are what a text may ask for. The strings are ready to be put in:
// escaped where the text is HTML.
type values struct {
	Ticket     int64
	VIN        string // in monospace
	Shown      string // what was sent, with a mark under the faulty character
	Character  string // the faulty character
	Characters string // "16 characters"
	Difference string // "one is missing"
	Changes    string // the line about characters that were read as others
	Hint       string // the line about a check digit that need not match
	Car        string // the line with maker, country and model year
	Short      string // the sentence about the part that seems to lack a character
	Repairs    string // the lines with what may have been meant
	Opened     string // lines: of several numbers those with a new ticket
	Existing   string // … and those whose ticket was open before
	Commands   string // the owners' commands, a line each
	Frames     string // in a row: those that are frame numbers
	Rest       string // in a row: those that were too many
	Over       string // in a row: those that are over the owner's limit
	Limit      string // the sentences about that limit
	Swaps      string
	From, To   string
	Place      string // "11" or "18–22": which characters
	Name       string
	Words      string // a manager's own words, or why a ticket was rejected
	Group      string // the name of a group in quotes, with a space before it
	Time       string
	Passed     string // how long: "2 h 5 min"
	Bot        string // the bot's username
	Address    string
	Link       string // the line with the link to the long form
	Megabytes  int64
	Chat       int64
	Count      int
	Most       int
}
