import type { Schema } from './client'

/** What the server says over the socket; see the description of GET /v1/ws in its API document. */
export type Frame =
  | { type: 'new_message'; thread_id: string; message: FrameMessage }
  | ({ type: 'chat_status'; thread_id: string; status: string } & Status)
  | { type: 'message_delta'; thread_id: string; job_id: string; agent: string; offset: number; text: string }
  | { type: 'message_reset'; thread_id: string; job_id: string; agent: string }
  | { type: 'thread_read'; thread_id: string; last_read_seq: number; unread_count: number }
  | { type: 'subscribed'; thread_id: string; resolved_thread_id?: string; last_seq?: number }
  | { type: 'resync'; thread_id: string }
  | { type: 'pinboard_post'; post: Schema<'Post'> }
  | { type: 'pinboard_post_deleted'; id: string; slug: string }
  | { type: 'file_generated'; file: { file_name: string; relative_path: string; mime_type: string; size: number } }
  | { type: 'pong' }
  | { type: 'error'; message: string; error?: string }

/** A message as a frame has it: what is unknown is left out. */
export type FrameMessage = Pick<Schema<'Message'>, 'id' | 'role' | 'content' | 'author' | 'created_at' | 'payload' | 'session_id' | 'seq'> & {
  client_id?: string | null
}

/** What a tmate is doing. */
export type Status = { agent?: string; job_id?: string; stage?: string; status_message?: string; progress?: number; error?: string }
