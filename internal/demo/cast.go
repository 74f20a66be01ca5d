package demo

import (
	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// languages are those in which the page, and a bot behind it, is there.
func languages() []config.Language { return []config.Language{config.Russian, config.English} }

// The parts that people play.
const (
	roleOwner   = "owner"
	roleManager = "manager"
)

// groupKey names the managers' group on the page; a private chat has the key
// of its person.
const groupKey = "group"

// person is somebody on the page. Each has a private chat with the bot;
// managers are in the group, too.
type person struct {
	Key      string `json:"key"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	Language string `json:"language"`
	Blocked  bool   `json:"blocked"`

	user *telegramtest.User
}

// cast is who there is in a world. Telegram tells a bot the language of each
// person, so there is an owner for each language: the bot answers each in
// theirs.
func cast(lang config.Language) (group string, people []*person) {
	anna := &person{Key: "anna", Name: "Анна", Role: roleOwner, Language: "ru"}
	emma := &person{Key: "emma", Name: "Emma", Role: roleOwner, Language: "en"}
	boris := &person{Key: "boris", Name: "Борис", Role: roleManager, Language: "ru"}
	vera := &person{Key: "vera", Name: "Вера", Role: roleManager, Language: "ru"}
	if lang == config.Russian {
		return "Менеджеры", []*person{anna, emma, boris, vera}
	}
	anna.Name = "Anna"
	boris.Name, boris.Language = "Boris", "en"
	vera.Name, vera.Language = "Vera", "en"
	return "Managers", []*person{emma, anna, boris, vera}
}
