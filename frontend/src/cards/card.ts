/** What every card does: find its home, follow a subscription, be configured. */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { Asked } from "../data/asked";
import { errorText, type Hass } from "../data/hass";
import type { Home, Role } from "../data/live";
import { homesOf, type Sentences } from "../data/shared";
import type { Source } from "../data/subscription";
import { base } from "../components/styles";
import { Format } from "../i18n/format";
import { type Localize, localizer } from "../i18n/localize";
import { sentencesFor, translated } from "../i18n/messages";

export interface CardConfig {
  type: string;
  entry_id?: string;
}

const HOMES_RETRY_MS = 5_000;

export abstract class CemCard<Event> extends LitElement {
  static override styles = [base];

  @property({ attribute: false }) hass?: Hass;
  /** Set by Home Assistant: "panel" when the card is the whole view. */
  @property({ reflect: true }) layout?: string;
  @state() protected config?: CardConfig;
  @state() private homes?: Home[];
  @state() private homesError?: string;
  @state() private roleHere?: Role;

  protected subscription: Source<Event> | undefined;
  protected localize: Localize = localizer("en");
  protected format!: Format;

  /** Of the user's language; undefined until they are known: then the events' texts serve. */
  @state() private sentences?: Sentences;
  private shown?: { event: Event; sentences: Sentences; format: Format; made: Event };
  private unlisten: (() => void) | undefined;
  private asking = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  protected abstract subscribe(hass: Hass, entryId: string): Source<Event>;
  protected abstract body(event: Event): TemplateResult;

  static getConfigForm() {
    const localize = localizer(document.documentElement.lang || "en");
    return {
      schema: [{ name: "entry_id", selector: { config_entry: { integration: "cem" } } }],
      computeLabel: () => localize("card.entry"),
      computeHelper: () => localize("card.entry_help"),
    };
  }

  static getStubConfig(): Partial<CardConfig> {
    return {};
  }

  setConfig(config: CardConfig): void {
    if (config.entry_id !== undefined && typeof config.entry_id !== "string") {
      throw new Error("entry_id: expected the id of a config entry");
    }
    this.config = config;
    this.leave();
  }

  /** In rows of 50 px, as Home Assistant counts when it fills columns. */
  protected readonly size: number = 8;

  getCardSize(): number {
    return this.size;
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: "full", rows: "auto" };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave();
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as Hass | undefined;
    if (changed.size > 1 || !changed.has("hass") || !before || !this.hass) return true;
    // `hass` changes with every state of every entity; few of those matter here.
    return (
      before.locale !== this.hass.locale ||
      before.config !== this.hass.config ||
      before.themes !== this.hass.themes ||
      before.selectedTheme !== this.hass.selectedTheme ||
      before.connection !== this.hass.connection
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hass) return;
    const before = changed.get("hass") as Hass | undefined;
    if (before && before.connection !== this.hass.connection) this.leave();
    if (!this.format || changed.has("hass")) {
      this.localize = localizer(this.hass.locale.language);
      this.format = new Format(this.hass);
      void this.learn(this.hass);
    }
    this.follow();
  }

  private async learn(hass: Hass): Promise<void> {
    // Without an answer the texts stay as they come.
    const sentences = await sentencesFor(hass).catch(() => undefined);
    if (hass.locale.language === this.hass?.locale.language) this.sentences = sentences;
  }

  /** The event in the user's language: the same object as long as nothing changes. */
  protected inLanguage(event: Event): Event {
    const { sentences, format, shown } = this;
    if (!sentences) return event;
    if (shown?.event === event && shown.sentences === sentences && shown.format === format) {
      return shown.made;
    }
    const made = translated(event, sentences, format);
    this.shown = { event, sentences, format, made };
    return made;
  }

  /** Subscribe once the home is known; asks for the homes when it is not. */
  private follow(): void {
    if (!this.hass || !this.isConnected || this.unlisten || !this.config) return;
    const entryId = this.config.entry_id ?? this.homes?.[0]?.entry_id;
    if (entryId === undefined) {
      void this.ask(this.hass);
      return;
    }
    void this.learnRole(this.hass, entryId);
    this.subscription = this.subscribe(this.hass, entryId);
    this.unlisten = this.subscription.listen(() => this.heard());
  }

  /** A guest sees everything and changes nothing: what changes something is not shown. */
  protected get mayAct(): boolean {
    return this.roleHere !== "guest";
  }

  private async learnRole({ connection }: Hass, entryId: string): Promise<void> {
    // Without an answer it is Home Assistant that refuses.
    this.roleHere = await homesOf(connection)
      .then((homes) => homes.find((home) => home.entry_id === entryId)?.role)
      .catch(() => undefined);
  }

  /** Follow something else, as after a choice that changes the question. */
  protected followAnew(): void {
    this.leave();
    this.follow();
    this.requestUpdate("subscription");
  }

  /** What was asked may have changed by what was just done. */
  protected askAgain(): void {
    const { subscription } = this;
    if (subscription instanceof Asked) subscription.again();
  }

  protected heard(): void {
    this.requestUpdate("subscription");
  }

  private leave(): void {
    this.unlisten?.();
    this.unlisten = undefined;
    this.subscription = undefined;
    clearTimeout(this.retry);
  }

  private async ask(hass: Hass): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.homes = await homesOf(hass.connection);
      this.homesError = undefined;
    } catch (error: unknown) {
      this.homesError = errorText(error);
    }
    this.asking = false;
    if (!this.homes?.length && this.isConnected) {
      this.retry = setTimeout(() => this.follow(), HOMES_RETRY_MS);
    }
  }

  protected override render(): TemplateResult {
    if (!this.hass || !this.config) return html``;
    const event = this.subscription?.latest;
    return html`<ha-card
      >${event === undefined
        ? this.waiting()
        : html`${this.body(this.inLanguage(event))}${this.outdated()}`}</ha-card
    >`;
  }

  /** Since when what is shown is no longer confirmed; nothing while it is. */
  protected outdated(): TemplateResult | typeof nothing {
    const { error, receivedAt } = this.subscription ?? {};
    if (error === undefined || receivedAt === undefined) return nothing;
    const time = this.format.dayTime(receivedAt);
    return html`<p class="empty" role="status">
      ${this.localize("connection.no_data_since", { time })}
    </p>`;
  }

  private waiting(): TemplateResult {
    const error = this.subscription?.error ?? this.homesError;
    const text = error
      ? this.localize("connection.refused", { error })
      : this.homes?.length === 0
        ? this.localize("connection.no_home")
        : this.localize("connection.connecting");
    return html`<p class="empty" role="status">${text}</p>`;
  }
}
