package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/config"
)

const (
	// maxSkew is how wrong the clock may be before it is worth a word, and
	// badSkew before times shown and deadlines kept are nonsense.
	maxSkew = 10 * time.Second
	badSkew = 2 * time.Minute
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 1 << 20
)

// botUser is what getMe tells.
type botUser struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	ReadsAll bool   `json:"can_read_all_group_messages"`
}

// refusal is an answer of the Bot API that says no.
type refusal struct {
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		MigrateTo int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func (r refusal) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Description) }

// call asks the Bot API for something that changes nothing. Its errors never
// hold the URL, in which the token stands.
func (d *patient) call(ctx context.Context, method string, query url.Values, into any) error {
	address := string(d.cfg.TelegramAPIURL) + "/bot" + d.cfg.BotToken.Reveal() + "/" + method + "?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("the address is not usable")
	}
	answer, err := d.client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer answer.Body.Close()
	var body struct {
		refusal

		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&body); err != nil {
		return fmt.Errorf("answered %s, and not as a Bot API server does", answer.Status)
	}
	if !body.OK {
		return body.refusal
	}
	if err := json.Unmarshal(body.Result, into); err != nil {
		return fmt.Errorf("the answer to %s cannot be read", method)
	}
	return nil
}

// withoutURL strips a client's error of the address that was asked.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// clock compares this machine's clock with the Bot API server's.
func (d *patient) clock(ctx context.Context) []finding {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, string(d.cfg.TelegramAPIURL)+"/", nil)
	if err != nil {
		return []finding{fail("correct TELEGRAM_API_URL", "%s is not usable", d.cfg.TelegramAPIURL)}
	}
	asked := d.now()
	answer, err := d.client.Do(request)
	if err != nil {
		return []finding{fail("look at the network, the proxy or the firewall; TELEGRAM_API_URL may name another server",
			"%s cannot be reached: %s", d.cfg.TelegramAPIURL, withoutURL(err))}
	}
	defer answer.Body.Close()
	took := d.now().Sub(asked)
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return []finding{warn("compare the clock yourself", "%s does not tell its time", d.cfg.TelegramAPIURL)}
	}
	// The header has whole seconds, and was written somewhen on the way.
	skew := asked.Add(took / 2).Sub(theirs.Add(time.Second / 2)).Round(time.Second)
	switch {
	case skew.Abs() > badSkew+took:
		return []finding{fail("let the machine keep its time by NTP", "the clock is wrong by %s", skew)}
	case skew.Abs() > maxSkew+took:
		return []finding{warn("let the machine keep its time by NTP", "the clock is wrong by %s", skew)}
	default:
		return []finding{fine("right to within %s", (skew.Abs() + took + time.Second).Round(time.Second))}
	}
}

// token asks Telegram whose token it is.
func (d *patient) token(ctx context.Context) []finding {
	var me botUser
	if err := d.call(ctx, "getMe", nil, &me); err != nil {
		return []finding{tokenFailure(err)}
	}
	return []finding{fine("belongs to @%s (%d)", me.Username, me.ID)}
}

func tokenFailure(err error) finding {
	var no refusal
	if errors.As(err, &no) && (no.Code == http.StatusUnauthorized || no.Code == http.StatusNotFound) {
		return fail("copy the token from BotFather again, without spaces", "Telegram does not know the token (%s)", no)
	}
	return fail("look at the network and at TELEGRAM_API_URL; the bot itself waits until Telegram is back", "Telegram cannot be asked: %s", err)
}

// groups looks at the bot's rights in each of the managers' groups.
func (d *patient) groups(ctx context.Context) []finding {
	var me botUser
	if err := d.call(ctx, "getMe", nil, &me); err != nil {
		return []finding{warn("mend the token first", "not checked")}
	}
	found := make([]finding, 0, len(d.cfg.ManagerChats))
	for _, chat := range d.cfg.ManagerChats {
		found = append(found, d.group(ctx, me, chat))
	}
	return found
}

// membership is what getChatMember tells of the bot.
type membership struct {
	Status  string `json:"status"`
	CanSend *bool  `json:"can_send_messages"` // of a restricted member only
}

func (d *patient) group(ctx context.Context, me botUser, chat config.ManagerChat) finding {
	var is membership
	err := d.call(ctx, "getChatMember", url.Values{
		"chat_id": {strconv.FormatInt(chat.ID, 10)}, "user_id": {strconv.FormatInt(me.ID, 10)},
	}, &is)
	if err != nil {
		return groupFailure(chat, me, err)
	}
	switch {
	case is.Status == "left" || is.Status == "kicked":
		return fail("add @"+me.Username+" to the group and make it an admin", "%d: the bot is not a member", chat.ID)
	case is.CanSend != nil && !*is.CanSend:
		return fail("let @"+me.Username+" send messages there", "%d: the bot may not write", chat.ID)
	case is.Status == "administrator" || is.Status == "creator":
		return fine("%d: the bot is an admin", chat.ID)
	case me.ReadsAll:
		return fine("%d: the bot is a member, and its privacy mode is off", chat.ID)
	default:
		return fail("make @"+me.Username+" an admin of the group, or switch privacy mode off (BotFather: /setprivacy) and then remove the bot from the group and add it again",
			"%d: the bot does not see the managers' messages", chat.ID)
	}
}

func groupFailure(chat config.ManagerChat, me botUser, err error) finding {
	var no refusal
	switch {
	case !errors.As(err, &no):
		return fail("look at the network", "%d: Telegram cannot be asked: %s", chat.ID, err)
	case no.Parameters.MigrateTo != 0:
		return warn(fmt.Sprintf("put %d into MANAGER_CHAT", no.Parameters.MigrateTo),
			"%d: the group became the supergroup %d", chat.ID, no.Parameters.MigrateTo)
	case strings.Contains(strings.ToLower(no.Description), "chat not found"),
		no.Code == http.StatusForbidden:
		return fail("add @"+me.Username+" to the group, and compare MANAGER_CHAT with the group's id", "%d: %s", chat.ID, no)
	default:
		return fail("compare MANAGER_CHAT with the group's id", "%d: %s", chat.ID, no)
	}
}

// webhook tells of a webhook, beside which no bot can poll.
func (d *patient) webhook(ctx context.Context) []finding {
	var is struct {
		URL     string `json:"url"`
		Pending int    `json:"pending_update_count"`
	}
	if err := d.call(ctx, "getWebhookInfo", nil, &is); err != nil {
		return []finding{warn("mend the token first", "not checked")}
	}
	if is.URL != "" {
		return []finding{warn("nothing, if it is a leftover: vinbot run removes it and keeps what waits; else stop the other program, which uses the same token",
			"a webhook is set, so that the bot cannot poll; %d updates wait", is.Pending)}
	}
	return []finding{fine("none is set; %d updates wait", is.Pending)}
}
