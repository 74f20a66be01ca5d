package message

import (
	"strings"

	"github.com/go-telegram/bot/models"
)

// PanelLink gives a person the link by which they come into the panel, and where
// the panel can be opened inside Telegram (app: an https address) a button for that.
// The link itself is no button: Telegram takes none that leads to this machine.
func (b *Book) PanelLink(lang, link, app string) Text {
	text := Text{HTML: strings.TrimSpace(b.word(lang, "panel.link", values{Link: escape(link)}))}
	if app != "" {
		text.Keyboard = keyboard([]models.InlineKeyboardButton{{
			Text: b.word(lang, "button.panel", values{}), WebApp: &models.WebAppInfo{URL: app},
		}})
	}
	return text
}
