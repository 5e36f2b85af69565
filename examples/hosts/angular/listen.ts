import {
  Directive,
  ElementRef,
  EventEmitter,
  Input,
  inject,
  type OnDestroy,
  type OnInit,
  Output,
} from '@angular/core';
import type { PorticoAppElement } from '@portico/embed';

/** `<portico-app listen="picked" (heard)="…">`: what the app sends under this name. */
@Directive({ selector: 'portico-app[listen]' })
export class Listen implements OnInit, OnDestroy {
  @Input() listen = '';
  @Output() readonly heard = new EventEmitter<unknown>();

  readonly #element: PorticoAppElement = inject(ElementRef).nativeElement;
  #deaf = (): void => {};

  ngOnInit(): void {
    this.#deaf = this.#element.on(this.listen, (data) => this.heard.emit(data));
  }

  ngOnDestroy(): void {
    this.#deaf();
  }
}
