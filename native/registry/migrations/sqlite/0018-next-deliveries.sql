-- What is sent next to a webhook.
CREATE INDEX webhook_deliveries_next ON webhook_deliveries (webhook, due);
