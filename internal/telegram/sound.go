package telegram

import (
	"reflect"

	"github.com/go-telegram/bot/models"
)

// unsound is the error of a request that the library would send in a form that
// Telegram refuses, or that would end the process inside the library.
func unsound(method, text string) *Error {
	return &Error{Method: method, Class: ClassBadRequest, Text: text}
}

// soundMarkup makes of a reply markup what can be sent: a typed nil would go
// out as "null", and rows that are nil as {"inline_keyboard":null}; both are
// refused, and both mean no buttons.
func soundMarkup(markup models.ReplyMarkup) models.ReplyMarkup {
	switch m := markup.(type) {
	case nil:
		return nil
	case *models.InlineKeyboardMarkup:
		if m == nil || m.InlineKeyboard == nil {
			return nil
		}
	case models.InlineKeyboardMarkup:
		if m.InlineKeyboard == nil {
			return nil
		}
	default:
		if v := reflect.ValueOf(m); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil
		}
	}
	return markup
}

// soundFile reports whether there is a file to send.
func soundFile(file models.InputFile) bool {
	switch f := file.(type) {
	case *models.InputFileString:
		return f != nil && f.Data != ""
	case *models.InputFileUpload:
		return f != nil && f.Data != nil && reflect.ValueOf(f.Data).Kind() == reflect.Pointer
	default:
		return false
	}
}

// soundReactions reports whether each reaction has what its type names: the
// library ends the process on one that has not. A nil slice clears reactions.
func soundReactions(reactions []models.ReactionType) bool {
	for _, r := range reactions {
		switch r.Type {
		case models.ReactionTypeTypeEmoji:
			if r.ReactionTypeEmoji == nil {
				return false
			}
		case models.ReactionTypeTypeCustomEmoji:
			if r.ReactionTypeCustomEmoji == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
