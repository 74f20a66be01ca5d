package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ManagerChat is a managers' group, and the topic in it where cards go.
type ManagerChat struct {
	ID int64
	// Topic is 0 for a group without topics and for the topic General, which
	// Telegram addresses by naming none.
	Topic int
}

// Chats is a list of managers' groups, none twice.
type Chats []ManagerChat

// Allowed says how the list is written.
func (c Chats) Allowed() string {
	return "group ids, which are negative, separated by commas, each as id or id:topic"
}

// UnmarshalText reads the list.
func (c *Chats) UnmarshalText(text []byte) error {
	var chats Chats
	for _, part := range strings.Split(string(text), ",") {
		chat, err := parseChat(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		if slices.Contains(chats, chat) {
			return fmt.Errorf("%q is listed twice", strings.TrimSpace(part))
		}
		chats = append(chats, chat)
	}
	*c = chats
	return nil
}

func parseChat(part string) (ManagerChat, error) {
	id, topic, hasTopic := strings.Cut(part, ":")
	var chat ManagerChat
	var err error
	if chat.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
		return chat, fmt.Errorf("%q is no group id", part)
	}
	if chat.ID >= 0 {
		return chat, fmt.Errorf("%q is no group id: the minus is missing", part)
	}
	if !hasTopic {
		return chat, nil
	}
	if chat.Topic, err = strconv.Atoi(topic); err != nil || chat.Topic < 1 {
		return chat, fmt.Errorf("%q does not name a topic behind the colon", part)
	}
	if chat.Topic == 1 { // General
		chat.Topic = 0
	}
	return chat, nil
}

// IDs is a list of users' ids, none twice.
type IDs []int64

// Allowed says how the list is written.
func (l IDs) Allowed() string { return "user ids, which are positive numbers, separated by commas" }

// UnmarshalText reads the list; what is listed twice counts once.
func (l *IDs) UnmarshalText(text []byte) error {
	var ids IDs
	for _, part := range strings.Split(string(text), ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || id <= 0 {
			return fmt.Errorf("%q is no user id", strings.TrimSpace(part))
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	*l = ids
	return nil
}

// WebURL is a server's address, without a slash at its end.
type WebURL string

// Allowed says what the address looks like.
func (u WebURL) Allowed() string {
	return "http:// or https:// and a host, without user, query or fragment"
}

// UnmarshalText reads the address.
func (u *WebURL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(string(text))
	switch {
	case err != nil: // the parser's error repeats the value
		return errors.New("not a URL")
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return errors.New("neither http:// nor https://")
	case parsed.Hostname() == "":
		return errors.New("the host is missing")
	case parsed.User != nil || strings.ContainsAny(string(text), "?#"):
		return errors.New("more than an address")
	}
	*u = WebURL(strings.TrimRight(string(text), "/"))
	return nil
}

// Addr is host:port to listen on; an empty host means every interface.
type Addr string

// Allowed says what the address looks like.
func (a Addr) Allowed() string { return "host:port, with a port of 0 to 65535" }

// UnmarshalText reads the address.
func (a *Addr) UnmarshalText(text []byte) error {
	host, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return errors.New("not host:port")
	}
	if strings.ContainsAny(host, " /@") {
		return errors.New("not a host")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("not a port")
	}
	*a = Addr(text)
	return nil
}

// Dir is a folder's path.
type Dir string

// Allowed says what a path is.
func (d Dir) Allowed() string { return "a folder's path" }

// UnmarshalText reads the path.
func (d *Dir) UnmarshalText(text []byte) error {
	if strings.ContainsRune(string(text), 0) || strings.TrimSpace(string(text)) == "" {
		return errors.New("not a path")
	}
	*d = Dir(text)
	return nil
}

// Timezone is a time zone of the IANA database.
type Timezone struct{ location *time.Location }

// Location is the zone; UTC before it was read.
func (z Timezone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// Allowed says how a zone is named.
func (z Timezone) Allowed() string {
	return "a name of the IANA time zone database, like Europe/Moscow or UTC"
}

// UnmarshalText finds the zone.
func (z *Timezone) UnmarshalText(text []byte) error {
	location, err := Zone(string(text))
	if err != nil || location == time.Local {
		return errZone
	}
	z.location = location
	return nil
}

// maxMegabytes is the largest file that a local Bot API server handles.
const maxMegabytes = 2000

// Megabytes is a size in bytes that is written in units of 2^20 bytes.
type Megabytes int64

// Allowed says which sizes are taken.
func (m Megabytes) Allowed() string {
	return fmt.Sprintf("a whole number of 1 to %d", maxMegabytes)
}

// UnmarshalText reads the size.
func (m *Megabytes) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil {
		return errors.New("not a whole number")
	}
	if n < 1 || n > maxMegabytes {
		return errors.New("out of range")
	}
	*m = Megabytes(n << 20)
	return nil
}
