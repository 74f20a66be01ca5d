package telegramtest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// method describes what a method takes.
type method struct {
	name   string
	params map[string]paramType
	// required parameters, in the order in which they are missed.
	required []string
}

type paramType string

const (
	typeInt     paramType = "int"
	typeBool    paramType = "bool"
	typeString  paramType = "string"
	typeChat    paramType = "chat"   // a number or @username
	typeFile    paramType = "file"   // a file_id or an upload
	typeObject  paramType = "object" // JSON
	typeArray   paramType = "array"  // JSON
	typeStrings paramType = "strings"
)

// methods is the Bot API as far as the program uses it: a method a line, its parameters with their types, a ! after
// those that are required. Written by hand from core.telegram.org/bots/api; what is not here is refused.
const methods = `
getMe
getUpdates offset:int limit:int timeout:int allowed_updates:strings
getWebhookInfo
setWebhook url:string! certificate:file ip_address:string max_connections:int allowed_updates:strings drop_pending_updates:bool secret_token:string
deleteWebhook drop_pending_updates:bool
sendMessage business_connection_id:string chat_id:chat! message_thread_id:int direct_messages_topic_id:int text:string! parse_mode:string entities:array link_preview_options:object disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:string suggested_post_parameters:object reply_parameters:object reply_markup:object
sendDocument business_connection_id:string chat_id:chat! message_thread_id:int direct_messages_topic_id:int document:file! thumbnail:file caption:string parse_mode:string caption_entities:array disable_content_type_detection:bool disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:string suggested_post_parameters:object reply_parameters:object reply_markup:object
sendPhoto business_connection_id:string chat_id:chat! message_thread_id:int direct_messages_topic_id:int photo:file! caption:string parse_mode:string caption_entities:array show_caption_above_media:bool has_spoiler:bool disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:string suggested_post_parameters:object reply_parameters:object reply_markup:object
copyMessage chat_id:chat! message_thread_id:int direct_messages_topic_id:int from_chat_id:chat! message_id:int! video_start_timestamp:int caption:string parse_mode:string caption_entities:array show_caption_above_media:bool disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:string suggested_post_parameters:object reply_parameters:object reply_markup:object
editMessageText business_connection_id:string chat_id:chat message_id:int inline_message_id:string text:string! parse_mode:string entities:array link_preview_options:object reply_markup:object
editMessageCaption business_connection_id:string chat_id:chat message_id:int inline_message_id:string caption:string parse_mode:string caption_entities:array show_caption_above_media:bool reply_markup:object
editMessageReplyMarkup business_connection_id:string chat_id:chat message_id:int inline_message_id:string reply_markup:object
deleteMessage chat_id:chat! message_id:int!
setMessageReaction chat_id:chat! message_id:int! reaction:array is_big:bool
answerCallbackQuery callback_query_id:string! text:string show_alert:bool url:string cache_time:int
getFile file_id:string!
getChat chat_id:chat!
getChatMember chat_id:chat! user_id:int!
getChatAdministrators chat_id:chat!
leaveChat chat_id:chat!
setMyCommands commands:array! scope:object language_code:string
deleteMyCommands scope:object language_code:string
getMyCommands scope:object language_code:string
setMyDescription description:string language_code:string
setMyShortDescription short_description:string language_code:string
`

// methodTable reads the table; its keys are in lower case, since the real server does not mind the case.
func methodTable() map[string]method {
	table := map[string]method{}
	for line := range strings.Lines(methods) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		m := method{name: fields[0], params: map[string]paramType{}}
		for _, field := range fields[1:] {
			name, kind, _ := strings.Cut(field, ":")
			kind, required := strings.CutSuffix(kind, "!")
			m.params[name] = paramType(kind)
			if required {
				m.required = append(m.required, name)
			}
		}
		table[strings.ToLower(m.name)] = m
	}
	return table
}

// checkParams refuses what the method does not know, misses, or cannot read.
func (s *Sim) checkParams(m method, q *query) *apiError {
	for _, p := range q.params {
		kind, ok := m.params[p.name]
		if !ok {
			return s.fault(q, "the method has no parameter %s", p.name)
		}
		if kind == typeObject && p.name == "reply_markup" {
			continue // read with the real server's own words, in keyboard
		}
		if !kind.fits(p) {
			return s.fault(q, "parameter %s must be of type %s, not %q", p.name, kind, shortened(p.value))
		}
	}
	for _, name := range m.required {
		if p, ok := q.lookup(name); !ok || (p.value == "" && !p.isFile && m.params[name] != typeString) {
			return s.missing(q, name)
		}
	}
	if s.opts.Spec != nil {
		if err := s.opts.Spec.checkCall(q); err != nil {
			s.violate("%s: %v", m.name, err)
		}
	}
	return nil
}

// missing words a parameter that is not there as the real server does.
func (s *Sim) missing(q *query, name string) *apiError {
	switch name {
	case "chat_id":
		return s.fault(q, "chat_id is empty")
	case "text":
		return s.fault(q, "message text is empty")
	case "document", "photo":
		return s.fault(q, "there is no %s in the request", name)
	case "message_id":
		return s.fault(q, "message identifier is not specified")
	default:
		return s.fault(q, "parameter %s is required", name)
	}
}

// fits tells whether a value can be of the type. JSON null never does: it is a nil that slipped into a request.
func (t paramType) fits(p param) bool {
	if p.isFile {
		return t == typeFile
	}
	switch t {
	case typeInt:
		_, err := strconv.ParseInt(p.value, 10, 64)
		return err == nil
	case typeBool:
		return p.value == "true" || p.value == "false"
	case typeChat:
		_, err := strconv.ParseInt(p.value, 10, 64)
		return err == nil || strings.HasPrefix(p.value, "@")
	case typeObject:
		return strings.HasPrefix(p.value, "{") && json.Valid([]byte(p.value))
	case typeArray:
		return strings.HasPrefix(p.value, "[") && json.Valid([]byte(p.value))
	case typeStrings:
		var list []string
		return strings.HasPrefix(p.value, "[") && json.Unmarshal([]byte(p.value), &list) == nil
	case typeString, typeFile:
		return p.value != "null"
	}
	return false
}

func shortened(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
