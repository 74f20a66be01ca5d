package telegram

import (
	"context"
	"errors"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// Names of the methods that something depends on.
const (
	methodSend          = "sendMessage"
	methodEdit          = "editMessageText"
	methodEditButtons   = "editMessageReplyMarkup"
	methodReact         = "setMessageReaction"
	methodCopy          = "copyMessage"
	methodGetFile       = "getFile"
	methodGetUpdates    = "getUpdates"
	methodDeleteWebhook = "deleteWebhook"
)

// SendMessage sends a text. Of the message it is sure to give the id.
func (c *Client) SendMessage(ctx context.Context, params *bot.SendMessageParams) (*models.Message, error) {
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, methodSend, &p, (*bot.Bot).SendMessage)
}

// SendDocument sends a document, by its file id or as an upload.
func (c *Client) SendDocument(ctx context.Context, params *bot.SendDocumentParams) (*models.Message, error) {
	const method = "sendDocument"
	if !soundFile(params.Document) || params.Thumbnail != nil && !soundFile(params.Thumbnail) {
		return nil, unsound(method, "no document to send")
	}
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, method, &p, (*bot.Bot).SendDocument)
}

// SendPhoto sends a picture, by its file id or as an upload.
func (c *Client) SendPhoto(ctx context.Context, params *bot.SendPhotoParams) (*models.Message, error) {
	const method = "sendPhoto"
	if !soundFile(params.Photo) {
		return nil, unsound(method, "no picture to send")
	}
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, method, &p, (*bot.Bot).SendPhoto)
}

// CopyMessage sends what a message holds as one of the bot's own.
func (c *Client) CopyMessage(ctx context.Context, params *bot.CopyMessageParams) (*models.MessageID, error) {
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, methodCopy, &p, (*bot.Bot).CopyMessage)
}

// DeleteMessage deletes a message: one of the bot's own within 48 hours.
func (c *Client) DeleteMessage(ctx context.Context, params *bot.DeleteMessageParams) error {
	_, err := call(ctx, c, "deleteMessage", params, (*bot.Bot).DeleteMessage)
	return err
}

// EditMessageText replaces the text of one of the bot's messages, and its
// buttons: an untyped nil markup takes them away. Of the message it is sure to give the id.
func (c *Client) EditMessageText(ctx context.Context, params *bot.EditMessageTextParams) (*models.Message, error) {
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, methodEdit, &p, (*bot.Bot).EditMessageText)
}

// EditMessageReplyMarkup replaces the buttons under one of the bot's messages. Of
// the message it is sure to give the id.
func (c *Client) EditMessageReplyMarkup(
	ctx context.Context, params *bot.EditMessageReplyMarkupParams,
) (*models.Message, error) {
	p := *params
	p.ReplyMarkup = soundMarkup(p.ReplyMarkup)
	return call(ctx, c, methodEditButtons, &p, (*bot.Bot).EditMessageReplyMarkup)
}

// AnswerCallbackQuery answers the press of a button. It is free of limits.
func (c *Client) AnswerCallbackQuery(ctx context.Context, params *bot.AnswerCallbackQueryParams) error {
	_, err := call(ctx, c, "answerCallbackQuery", params, (*bot.Bot).AnswerCallbackQuery)
	return err
}

// SetMessageReaction puts the bot's reaction on a message. It is free of limits.
func (c *Client) SetMessageReaction(ctx context.Context, params *bot.SetMessageReactionParams) error {
	if !soundReactions(params.Reaction) {
		return unsound(methodReact, "a reaction without its emoji")
	}
	_, err := call(ctx, c, methodReact, params, (*bot.Bot).SetMessageReaction)
	return err
}

// LeaveChat leaves a group.
func (c *Client) LeaveChat(ctx context.Context, chat int64) error {
	_, err := call(ctx, c, "leaveChat", &bot.LeaveChatParams{ChatID: chat}, (*bot.Bot).LeaveChat)
	return err
}

// SetMyCommands registers commands for a scope and a language.
func (c *Client) SetMyCommands(ctx context.Context, params *bot.SetMyCommandsParams) error {
	_, err := call(ctx, c, "setMyCommands", params, (*bot.Bot).SetMyCommands)
	return err
}

// DeleteMyCommands takes registered commands back.
func (c *Client) DeleteMyCommands(ctx context.Context, params *bot.DeleteMyCommandsParams) error {
	_, err := call(ctx, c, "deleteMyCommands", params, (*bot.Bot).DeleteMyCommands)
	return err
}

// GetMe asks who the bot is.
func (c *Client) GetMe(ctx context.Context) (*models.User, error) {
	type none struct{}
	return call(ctx, c, "getMe", none{}, func(b *bot.Bot, ctx context.Context, _ none) (*models.User, error) {
		return b.GetMe(ctx)
	})
}

// GetChat asks about a chat.
func (c *Client) GetChat(ctx context.Context, chat int64) (*models.ChatFullInfo, error) {
	return call(ctx, c, "getChat", &bot.GetChatParams{ChatID: chat}, (*bot.Bot).GetChat)
}

// GetChatMember asks what somebody is in a chat. About others than the bot
// itself an answer is promised only to an admin of the chat.
func (c *Client) GetChatMember(ctx context.Context, chat, user int64) (*models.ChatMember, error) {
	return call(ctx, c, "getChatMember", &bot.GetChatMemberParams{ChatID: chat, UserID: user}, (*bot.Bot).GetChatMember)
}

// IsMember reports whether a person is in a group. Of others than the bot it is
// promised only to an admin of the group. Whom the group never had is not in it.
func (c *Client) IsMember(ctx context.Context, chat, user int64) (bool, error) {
	member, err := c.GetChatMember(ctx, chat, user)
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassNoChat && mentions(e.Text, "participant_id_invalid", "user not found", "member not found") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return Inside(*member), nil
}

// Inside reports whether who a group tells of is in it.
func Inside(m models.ChatMember) bool {
	switch m.Type {
	case models.ChatMemberTypeOwner, models.ChatMemberTypeAdministrator, models.ChatMemberTypeMember:
		return true
	case models.ChatMemberTypeRestricted:
		return m.Restricted != nil && m.Restricted.IsMember
	case models.ChatMemberTypeLeft, models.ChatMemberTypeBanned:
	}
	return false
}

// GetChatAdministrators lists the admins of a group, and which of them act
// anonymously.
func (c *Client) GetChatAdministrators(ctx context.Context, chat int64) ([]models.ChatMember, error) {
	return call(ctx, c, "getChatAdministrators", &bot.GetChatAdministratorsParams{ChatID: chat},
		(*bot.Bot).GetChatAdministrators)
}

// GetWebhookInfo asks whether a webhook is set. Its URL may hold a secret.
func (c *Client) GetWebhookInfo(ctx context.Context) (*models.WebhookInfo, error) {
	type none struct{}
	return call(ctx, c, "getWebhookInfo", none{}, func(b *bot.Bot, ctx context.Context, _ none) (*models.WebhookInfo, error) {
		return b.GetWebhookInfo(ctx)
	})
}

// DeleteWebhook takes the webhook off the token. What waits to be fetched stays.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	_, err := call(ctx, c, methodDeleteWebhook, &bot.DeleteWebhookParams{}, (*bot.Bot).DeleteWebhook)
	return err
}

// GetFile asks where a file can be fetched from; Download does it all.
func (c *Client) GetFile(ctx context.Context, fileID string) (*models.File, error) {
	return call(ctx, c, methodGetFile, &bot.GetFileParams{FileID: fileID}, (*bot.Bot).GetFile)
}
