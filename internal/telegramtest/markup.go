package telegramtest

import (
	"encoding/json"
	"net/url"
	"strings"
)

const (
	maxCallbackData = 64
	maxCopyText     = 256
	maxButtons      = 100
	maxMarkupBytes  = 10_000
)

// sentMarkup is a reply_markup as a bot sends it. Only inline keyboards are kept; the others are read and let go.
type sentMarkup struct {
	Inline    *[][]sentButton `json:"inline_keyboard"`
	Keyboard  json.RawMessage `json:"keyboard"`
	Remove    bool            `json:"remove_keyboard"`
	Force     bool            `json:"force_reply"`
	Selective bool            `json:"selective"`
	Persist   bool            `json:"is_persistent"`
	Resize    bool            `json:"resize_keyboard"`
	OneTime   bool            `json:"one_time_keyboard"`
	Hint      string          `json:"input_field_placeholder"`
}

type sentButton struct {
	Text          string           `json:"text"`
	Icon          string           `json:"icon_custom_emoji_id"`
	Style         string           `json:"style"`
	URL           string           `json:"url"`
	Callback      string           `json:"callback_data"`
	WebApp        *sentWebApp      `json:"web_app"`
	CopyText      *wireCopyText    `json:"copy_text"`
	LoginURL      *json.RawMessage `json:"login_url"`
	SwitchInline  *string          `json:"switch_inline_query"`
	SwitchCurrent *string          `json:"switch_inline_query_current_chat"`
	SwitchChosen  *json.RawMessage `json:"switch_inline_query_chosen_chat"`
}

type sentWebApp struct {
	URL string `json:"url"`
}

// keyboard reads the reply_markup of a call; given tells whether there was one.
func (s *Sim) keyboard(q *query, private bool) (rows [][]Button, failure *apiError) {
	p, ok := q.lookup("reply_markup")
	if !ok || p.value == "" {
		return nil, nil // no keyboard is a valid keyboard
	}
	if strings.TrimSpace(p.value) == "null" || !strings.HasPrefix(strings.TrimSpace(p.value), "{") {
		return nil, s.fault(q, "object expected as reply markup")
	}
	var markup sentMarkup
	if err := q.decode("reply_markup", &markup); err != nil {
		s.violate("%v", err)
		return nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	if strings.Contains(p.value, `"inline_keyboard":null`) {
		return nil, s.fault(q, `field "inline_keyboard" must be of type Array`)
	}
	if markup.Inline == nil {
		return nil, nil // a reply keyboard, which this simulator does not show
	}
	if len(p.value) > maxMarkupBytes {
		return nil, s.fault(q, "reply markup is too long")
	}
	return s.inlineKeyboard(q, *markup.Inline, private)
}

func (s *Sim) inlineKeyboard(q *query, sent [][]sentButton, private bool) ([][]Button, *apiError) {
	var rows [][]Button
	total := 0
	for _, sentRow := range sent {
		row := make([]Button, 0, len(sentRow))
		for _, b := range sentRow {
			button, failure := s.button(q, b, private)
			if failure != nil {
				return nil, failure
			}
			row = append(row, button)
		}
		if total += len(row); len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if total > maxButtons {
		return nil, s.fault(q, "REPLY_MARKUP_TOO_LONG")
	}
	return rows, nil
}

// button checks one button in the order in which the real server looks at its fields.
func (s *Sim) button(q *query, b sentButton, private bool) (Button, *apiError) {
	out := Button{Text: b.Text}
	switch {
	case b.Text == "":
		return out, s.fault(q, "BUTTON_TEXT_INVALID")
	case b.URL != "":
		out.URL = b.URL
		if !publicURL(b.URL) {
			return out, s.fault(q, "inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
		}
	case b.Callback != "":
		out.CallbackData = b.Callback
		if len(b.Callback) > maxCallbackData {
			return out, s.fault(q, "BUTTON_DATA_INVALID")
		}
	case b.SwitchInline != nil || b.SwitchCurrent != nil || b.SwitchChosen != nil || b.LoginURL != nil:
	case b.WebApp != nil:
		out.WebApp = b.WebApp.URL
		if !private {
			return out, s.fault(q, "BUTTON_TYPE_INVALID")
		}
		if !strings.HasPrefix(b.WebApp.URL, "https://") {
			return out, s.fault(q, "inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed",
				b.WebApp.URL)
		}
	case b.CopyText != nil && b.CopyText.Text != "":
		out.CopyText = b.CopyText.Text
		if utf16Len(out.CopyText) > maxCopyText {
			return out, s.fault(q, "BUTTON_COPY_TEXT_INVALID")
		}
	default:
		return out, s.fault(q, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	}
	return out, nil
}

// fault is a request that a careful bot never makes: refused, and reported.
func (s *Sim) fault(q *query, format string, args ...any) *apiError {
	failure := badRequest(format, args...)
	s.violate("%s: %s", q.method, failure.Description)
	return failure
}

// publicURL tells whether Telegram takes the link for a button: tg://, t.me, or a name with a dot in it.
func publicURL(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	if u.Scheme == "tg" {
		return true
	}
	if u.Scheme == "" {
		u, err = url.Parse("http://" + link)
		if err != nil {
			return false
		}
	}
	return (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Hostname(), ".")
}
